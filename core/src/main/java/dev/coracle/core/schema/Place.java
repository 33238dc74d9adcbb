// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

/// Where in an object a value is: `path` as people write it (`spec.containers[0].image`), and the
/// two parts upstream's type errors are made of: the short name of the type that holds the field,
/// and the names of the fields on the way, without indices and keys.
record Place(String path, String owner, String fields) {
    static final Place ROOT = new Place("", "", "");

    Place field(Schema schema, String name) {
        return new Place(join(path, name), schema.shortName(), join(fields, name));
    }

    Place element(int index) {
        return new Place(path + "[" + index + "]", owner, fields);
    }

    Place key(String key) {
        return new Place(join(path, key), owner, fields);
    }

    private static String join(String before, String name) {
        return before.isEmpty() ? name : before + "." + name;
    }
}
