// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong with an object, in the order it is found.
///
/// Each method is one of upstream's kinds of field error and words its message alike.
final class Causes {
    private final List<Status.Cause> found = new ArrayList<>();

    List<Status.Cause> list() {
        return List.copyOf(found);
    }

    int count() {
        return found.size();
    }

    void required(String path) {
        required(path, "");
    }

    void required(String path, String detail) {
        add("FieldValueRequired", "Required value", detail, path);
    }

    void invalid(String path, @Nullable Json value, String detail) {
        add("FieldValueInvalid", "Invalid value: " + printed(value), detail, path);
    }

    void invalid(String path, String value, String detail) {
        invalid(path, Json.of(value), detail);
    }

    void invalid(String path, long value, String detail) {
        invalid(path, Json.of(value), detail);
    }

    /// As [#invalid], once for each of `details`.
    void invalidEach(String path, String value, List<String> details) {
        details.forEach(detail -> invalid(path, value, detail));
    }

    /// `supported` are listed in the given order.
    void unsupported(String path, String value, Collection<String> supported) {
        add(
                "FieldValueNotSupported",
                "Unsupported value: " + quoted(value),
                "supported values: "
                        + supported.stream().map(Causes::quoted).collect(Collectors.joining(", ")),
                path);
    }

    void duplicate(String path, Json value) {
        add("FieldValueDuplicate", "Duplicate value: " + printed(value), "", path);
    }

    void duplicate(String path, String value) {
        duplicate(path, Json.of(value));
    }

    void forbidden(String path, String detail) {
        add("FieldValueForbidden", "Forbidden", detail, path);
    }

    void notFound(String path, String value) {
        add("FieldValueNotFound", "Not found: " + quoted(value), "", path);
    }

    void tooLong(String path, int most) {
        add("FieldValueTooLong", "Too long", "may not be more than %d bytes".formatted(most), path);
    }

    void tooMany(String path, int count, int most) {
        add(
                "FieldValueTooMany",
                "Too many: " + count,
                "must have at most %d items".formatted(most),
                path);
    }

    private void add(String reason, String message, String detail, String path) {
        found.add(
                new Status.Cause(
                        reason, detail.isEmpty() ? message : message + ": " + detail, path));
    }

    private static String printed(@Nullable Json value) {
        return value == null ? "null" : value.text();
    }

    static String quoted(String text) {
        return new JsonString(text).text();
    }
}
