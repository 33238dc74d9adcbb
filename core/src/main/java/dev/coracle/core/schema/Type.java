// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

/// The type of a field.
public sealed interface Type {

    /// Types without inner structure. `ANY` is free-form JSON, kept as it is; `TIME` has seconds,
    /// `MICRO_TIME` exactly six digits more; `BYTES` is a string in base64.
    enum Scalar implements Type {
        STRING("string"),
        INT32("int32"),
        INT64("int64"),
        DOUBLE("float64"),
        BOOLEAN("bool"),
        QUANTITY("resource.Quantity"),
        INT_OR_STRING("intstr.IntOrString"),
        TIME("v1.Time"),
        MICRO_TIME("v1.MicroTime"),
        BYTES("[]uint8"),
        ANY("interface {}");

        private final String goName;

        Scalar(String goName) {
            this.goName = goName;
        }

        @Override
        public String goName() {
            return goName;
        }
    }

    record ListOf(Type element) implements Type {
        @Override
        public String goName() {
            return "[]" + element.goName();
        }
    }

    record MapOf(Type value) implements Type {
        @Override
        public String goName() {
            return "map[string]" + value.goName();
        }
    }

    record ObjectOf(Schema schema) implements Type {
        @Override
        public String goName() {
            return schema.goName();
        }
    }

    /// The name that upstream's decoder uses for the type in its errors: `int32`, `v1.Container`.
    String goName();
}
