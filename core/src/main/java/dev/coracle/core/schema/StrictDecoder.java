// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import dev.coracle.core.api.Api.FieldValidation;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Holds what a client sent against the schema of its kind, as upstream's decoder does: values of a
/// wrong type are an error, unknown and duplicate fields are problems that the client may choose to
/// be refused for, to be warned of, or not to hear of.
///
/// What comes out has no unknown fields, no explicit nulls, no empty lists and maps where these
/// mean nothing, and quantities and times in canonical form. Free-form parts stay as they are.
///
/// Differs from upstream: errors about quantities, times and base64 name the field.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
public final class StrictDecoder {
    private static final int MOST_PROBLEMS = 100;

    /// The object as it may be stored, and upstream's texts of what was wrong with it, in the order
    /// of the fields: `unknown field "spec.x"`, `duplicate field "metadata.name"`.
    public record Decoded(JsonObject object, List<String> problems) {
        public Decoded {
            problems = List.copyOf(problems);
        }
    }

    private final Set<String> duplicates;
    private final Set<String> problems = new LinkedHashSet<>();

    private StrictDecoder(Collection<String> duplicates) {
        this.duplicates = Set.copyOf(duplicates);
    }

    /// `duplicates` are the paths of names that the text held more than once.
    ///
    /// @throws DecodeException if a value is not of its field's type
    public static Decoded decode(Schema schema, JsonObject tree, Collection<String> duplicates) {
        var decoder = new StrictDecoder(duplicates);
        var object = decoder.object(schema, tree, Place.ROOT);
        return new Decoded(object, List.copyOf(decoder.problems));
    }

    /// Decodes the body of a create or update; problems are dealt with as `options` say.
    ///
    /// @throws ApiException 400 with upstream's message
    public static JsonObject body(Schema schema, JsonObject tree, WriteOptions options) {
        var kind = tree.string("kind").isEmpty() ? schema.shortName() : tree.string("kind");
        var apiVersion = tree.string("apiVersion");
        var what =
                "%s in version \"%s\" cannot be handled as a %s: "
                        .formatted(
                                kind,
                                apiVersion.substring(apiVersion.indexOf('/') + 1),
                                schema.shortName());
        try {
            var decoded = decode(schema, tree, options.duplicates());
            var refusal = refusal(decoded, List.of(), options);
            if (refusal != null) {
                throw ApiException.badRequest(what + refusal);
            }
            return decoded.object();
        } catch (DecodeException e) {
            throw new ApiException(Status.of(Status.Reason.BAD_REQUEST, what + e.reason()));
        }
    }

    /// Decodes what a patch made of an object; `patch` is quoted in the message.
    ///
    /// @throws ApiException 422 with upstream's message
    public static JsonObject patched(
            Schema schema, JsonObject tree, Json patch, WriteOptions options) {
        try {
            var decoded = decode(schema, tree, List.of());
            var duplicates =
                    options.duplicates().stream().map(StrictDecoder::duplicate).distinct().toList();
            var refusal = refusal(decoded, duplicates, options);
            if (refusal != null) {
                throw new ApiException(invalidPatch(patch, refusal));
            }
            return decoded.object();
        } catch (DecodeException e) {
            throw new ApiException(invalidPatch(patch, e.reason()));
        }
    }

    private static Status invalidPatch(Json patch, String why) {
        var text = "Invalid value: %s: %s".formatted(quoted(patch.text()), why);
        var cause = new Status.Cause("FieldValueInvalid", text, "patch");
        var details =
                JsonObject.of(
                        "causes",
                        JsonArray.of(
                                JsonObject.builder()
                                        .put("reason", cause.reason())
                                        .put("message", cause.message())
                                        .put("field", cause.field())
                                        .build()));
        return new Status(
                Status.Reason.INVALID,
                Status.Reason.INVALID.code(),
                " \"\" is invalid: patch: " + text,
                details);
    }

    private static @Nullable String refusal(
            Decoded decoded, List<String> before, WriteOptions options) {
        var problems = new ArrayList<>(before);
        problems.addAll(decoded.problems());
        if (problems.isEmpty() || options.fieldValidation() == FieldValidation.IGNORE) {
            return null;
        }
        if (options.fieldValidation() == FieldValidation.WARN) {
            options.warnings().addAll(problems);
            return null;
        }
        return "strict decoding error: " + String.join(", ", problems);
    }

    static String quoted(String text) {
        return Json.of(text).text();
    }

    private static String duplicate(String path) {
        return "duplicate field " + quoted(path);
    }

    private void problem(String text) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(text);
        }
    }

    private JsonObject object(Schema schema, JsonObject tree, Place place) {
        var pruned = JsonObject.builder();
        tree.forEach(
                (name, value) -> {
                    var at = place.field(schema, name);
                    if (duplicates.contains(at.path())) {
                        problem(duplicate(at.path()));
                    }
                    var field = schema.field(name);
                    if (field == null) {
                        problem("unknown field " + quoted(at.path()));
                        return;
                    }
                    if (value instanceof JsonNull && field.type() != Type.Scalar.ANY) {
                        return;
                    }
                    var decoded = value(field.type(), value, at);
                    if (!meansAbsent(field, decoded)) {
                        pruned.put(name, decoded);
                    }
                });
        return pruned.build();
    }

    private static boolean meansAbsent(Field field, Json value) {
        return switch (field.type()) {
            case Type.ListOf _ ->
                    !field.required()
                            && !field.merge().keepEmpty()
                            && value instanceof JsonArray array
                            && array.isEmpty();
            case Type.MapOf _ ->
                    !field.required() && value instanceof JsonObject object && object.isEmpty();
            case Type.ObjectOf _ -> false;
            case Type.Scalar scalar -> field.omitsZero() && Scalars.isZero(scalar, value);
        };
    }

    private Json value(Type type, Json value, Place place) {
        return switch (type) {
            case Type.Scalar scalar -> Scalars.decode(scalar, value, place);
            case Type.ObjectOf(Schema schema) -> {
                if (value instanceof JsonNull) {
                    yield JsonObject.EMPTY; // in a list or a map
                }
                if (value instanceof JsonObject object) {
                    yield object(schema, object, place);
                }
                throw DecodeException.wrongType(value, type, place);
            }
            case Type.ListOf(Type element) -> {
                if (!(value instanceof JsonArray array)) {
                    throw DecodeException.wrongType(value, type, place);
                }
                var decoded = new ArrayList<Json>(array.size());
                for (int i = 0; i < array.size(); i++) {
                    decoded.add(value(element, array.get(i), place.element(i)));
                }
                yield JsonArray.of(decoded);
            }
            case Type.MapOf(Type element) -> {
                if (!(value instanceof JsonObject object)) {
                    throw DecodeException.wrongType(value, type, place);
                }
                yield map(element, object, place);
            }
        };
    }

    private JsonObject map(Type element, JsonObject object, Place place) {
        var decoded = JsonObject.builder();
        object.forEach(
                (key, value) -> {
                    var at = place.key(key);
                    if (duplicates.contains(at.path())) {
                        problem(duplicate(at.path()));
                    }
                    decoded.put(key, value(element, value, at));
                });
        return decoded.build();
    }
}
