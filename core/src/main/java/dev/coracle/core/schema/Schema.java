// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One type: a kind such as `V1Pod`, or a part such as `V1Container`. Its fields are parsed when
/// first asked for; most types of the API never are.
public final class Schema {
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z]*?(V\\d+(?:(?:alpha|beta)\\d+)?)(.*)");

    private final Schemas schemas;
    private final String name;
    private final String line;
    private volatile @Nullable Map<String, Field> fields;

    /// `line` is this type's line of `types.txt`.
    Schema(Schemas schemas, String name, String line) {
        this.schemas = schemas;
        this.name = name;
        this.line = line;
    }

    /// `V1Pod`, `CoreV1Event`: unique among all types.
    public String name() {
        return name;
    }

    /// The type's name without group and version, as in upstream's Go source: `Pod`.
    public String shortName() {
        var matcher = NAME.matcher(name);
        return matcher.matches() ? matcher.group(2) : name;
    }

    /// `v1.Pod`.
    String goName() {
        var matcher = NAME.matcher(name);
        return matcher.matches()
                ? matcher.group(1).toLowerCase(Locale.ROOT) + "." + matcher.group(2)
                : name;
    }

    /// By name, in the order of the published schema.
    public Map<String, Field> fields() {
        var known = fields;
        if (known == null) {
            known = Collections.unmodifiableMap(parse());
            fields = known; // a benign race: every thread parses the same
        }
        return known;
    }

    /// Names are case-sensitive. Null: there is no such field.
    public @Nullable Field field(String fieldName) {
        return fields().get(fieldName);
    }

    private Map<String, Field> parse() {
        var parsed = new LinkedHashMap<String, Field>();
        var columns = line.split("\t", -1);
        for (int i = 1; i < columns.length; i++) {
            int colon = columns[i].indexOf(':');
            var fieldName = columns[i].substring(0, colon);
            boolean required = columns[i].endsWith("!");
            var code = columns[i].substring(colon + 1, columns[i].length() - (required ? 1 : 0));
            parsed.put(fieldName, schemas.field(this, fieldName, code, required));
        }
        return parsed;
    }

    @Override
    public String toString() {
        return name;
    }
}
