// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/// The parameters behind the question mark, read strictly.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/>
record Query(Function<String, List<String>> parameters) {
    private static final Set<String> DRY_RUN = Set.of("All");

    static Query of(Fields fields) {
        return new Query(
                name -> {
                    var values = fields.getValues(name);
                    return values == null ? List.of() : values;
                });
    }

    List<String> all(String name) {
        return parameters.apply(name);
    }

    /// The first value, empty when there is none.
    String text(String name) {
        var values = all(name);
        return values.isEmpty() ? "" : values.getFirst();
    }

    boolean has(String name) {
        return !all(name).isEmpty();
    }

    /// Go's query conversion: present and neither `0` nor `false`.
    boolean flag(String name) {
        if (!has(name)) {
            return false;
        }
        var text = text(name).toLowerCase(Locale.ROOT);
        return !text.equals("0") && !text.equals("false");
    }

    /// The integer under `name`, null when absent or empty.
    @Nullable Long number(String name) {
        var text = text(name);
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw ApiException.badRequest(
                    "query parameter %s: \"%s\" is not an integer".formatted(name, text));
        }
    }

    long number(String name, long otherwise) {
        var number = number(name);
        return number == null ? otherwise : number;
    }

    /// What to list in `namespace`.
    Api.ListOptions listOptions(String namespace) {
        long limit = number("limit", 0);
        if (limit < 0) {
            throw ApiException.badRequest(
                    "query parameter limit: %d must not be negative".formatted(limit));
        }
        return new Api.ListOptions(
                namespace,
                text("labelSelector"),
                text("fieldSelector"),
                limit,
                text("continue"),
                text("resourceVersion"),
                text("resourceVersionMatch"));
    }

    /// How to write; `kind` (`CreateOptions`…) is for the error message, `warnings` collects.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    Api.WriteOptions writeOptions(
            String kind, String userAgent, List<String> duplicates, List<String> warnings) {
        var causes = new ArrayList<Status.Cause>();
        boolean dryRun = dryRun(causes);
        var manager = text("fieldManager");
        if (manager.length() > 128) {
            causes.add(
                    new Status.Cause(
                            "FieldValueTooLong",
                            "Too long: may not be more than 128 bytes",
                            "fieldManager"));
        }
        var validation = fieldValidation(causes);
        if (!causes.isEmpty()) {
            throw Errors.invalidOptions(kind, causes);
        }
        return new Api.WriteOptions(
                dryRun,
                validation,
                manager.isEmpty() ? managerOf(userAgent) : manager,
                duplicates,
                warnings);
    }

    /// Without a field manager, the client's name is one: what is before the first slash.
    private static String managerOf(String userAgent) {
        var name = userAgent.split("/", 2)[0];
        return name.length() > 128 ? name.substring(0, 128) : name;
    }

    boolean dryRun(List<Status.Cause> causes) {
        var values = all("dryRun").stream().filter(value -> !value.isEmpty()).toList();
        for (var value : values) {
            if (!DRY_RUN.contains(value)) {
                causes.add(notSupported("dryRun", value, "\"All\""));
            }
        }
        return !values.isEmpty();
    }

    private Api.FieldValidation fieldValidation(List<Status.Cause> causes) {
        var text = text("fieldValidation");
        return switch (text) {
            case "", "Warn" -> Api.FieldValidation.WARN;
            case "Strict" -> Api.FieldValidation.STRICT;
            case "Ignore" -> Api.FieldValidation.IGNORE;
            default -> {
                causes.add(
                        notSupported("fieldValidation", text, "\"Ignore\", \"Strict\", \"Warn\""));
                yield Api.FieldValidation.WARN;
            }
        };
    }

    private static Status.Cause notSupported(String field, String value, String supported) {
        return new Status.Cause(
                "FieldValueNotSupported",
                "Unsupported value: \"%s\": supported values: %s".formatted(value, supported),
                field);
    }
}
