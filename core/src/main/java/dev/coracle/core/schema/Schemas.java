// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Every type of the built-in API. Immutable; load it once and share it.
public final class Schemas {
    private static final String GENERATED = "/dev/coracle/schema/";

    /// Times with six digits behind the second; the published schema calls them all date-time.
    private static final Set<String> MICRO_TIMES =
            Set.of(
                    "CoreV1Event.eventTime",
                    "CoreV1EventSeries.lastObservedTime",
                    "EventsV1Event.eventTime",
                    "EventsV1EventSeries.lastObservedTime",
                    "V1LeaseSpec.acquireTime",
                    "V1LeaseSpec.renewTime",
                    "V1alpha2LeaseCandidateSpec.pingTime",
                    "V1alpha2LeaseCandidateSpec.renewTime",
                    "V1beta1LeaseCandidateSpec.pingTime",
                    "V1beta1LeaseCandidateSpec.renewTime");

    /// One path of the API. `plural` is the resource, `subresource` is empty or such as `status`;
    /// `kind` and `type` are what is found there (empty for `pods/exec` and the like).
    public record Resource(
            String group,
            String version,
            String plural,
            String subresource,
            String kind,
            String type,
            boolean namespaced,
            List<String> verbs) {
        public Resource {
            verbs = List.copyOf(verbs);
        }
    }

    private final Map<String, Schema> byName = new HashMap<>();
    private final Map<String, String> typeByKind = new HashMap<>();
    private final List<Resource> resources = new ArrayList<>();
    private final MergeTable table;

    private Schemas(String types, String served, MergeTable table) {
        this.table = table;
        types.lines()
                .forEach(
                        line -> {
                            var name = line.substring(0, line.indexOf('\t'));
                            byName.put(name, new Schema(this, name, line));
                        });
        served.lines().map(Schemas::resource).forEach(resources::add);
        for (var resource : resources) {
            if (resource.subresource().isEmpty()) {
                var apiVersion = apiVersion(resource.group(), resource.version());
                typeByKind.put(apiVersion + " " + resource.kind(), resource.type());
            }
        }
        // Kinds that are only found below resources of other groups, or in bodies.
        typeByKind.put("autoscaling/v1 Scale", "V1Scale");
        typeByKind.put("policy/v1 Eviction", "V1Eviction");
        typeByKind.put("authentication.k8s.io/v1 TokenRequest", "AuthenticationV1TokenRequest");
        typeByKind.put("v1 Status", "V1Status");
    }

    /// Reads the class path's resources.
    public static Schemas load() {
        return new Schemas(
                text(GENERATED + "types.txt"),
                text(GENERATED + "resources.txt"),
                MergeTable.parse(text("merge.txt"), text("zero.txt")));
    }

    /// `resource` is a path on the class path, relative to this package unless it begins with `/`.
    static String text(String resource) {
        try (var stream = Schemas.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Resource resource(String line) {
        var columns = line.split("\t", -1);
        int slash = columns[2].indexOf('/');
        return new Resource(
                columns[0],
                columns[1],
                slash < 0 ? columns[2] : columns[2].substring(0, slash),
                slash < 0 ? "" : columns[2].substring(slash + 1),
                columns[3],
                columns[4],
                columns[5].equals("namespaced"),
                List.of(columns[6].split(",", -1)));
    }

    private static String apiVersion(String group, String version) {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// Every path of the API in order of group, version and name.
    public List<Resource> resources() {
        return List.copyOf(resources);
    }

    /// The schema of a kind, or of the list of a kind (`PodList`). Null: not a built-in one.
    public @Nullable Schema kind(String group, String version, String kind) {
        return kind(apiVersion(group, version), kind);
    }

    /// As [#kind(String,String,String)], for an object's own `apiVersion` and `kind`.
    public @Nullable Schema kind(String apiVersion, String kind) {
        if (kind.equals("DeleteOptions")) {
            return byName.get("V1DeleteOptions"); // every group and version has it
        }
        var type = typeByKind.get(apiVersion + " " + kind);
        if (type == null && kind.endsWith("List")) {
            var element = kind.substring(0, kind.length() - "List".length());
            var elementType = typeByKind.get(apiVersion + " " + element);
            type = elementType == null ? null : elementType + "List";
        }
        return type == null ? null : byName.get(type);
    }

    /// @throws IllegalArgumentException if there is no type of this name (`V1ObjectMeta`)
    public Schema type(String name) {
        var schema = byName.get(name);
        if (schema == null) {
            throw new IllegalArgumentException("no type " + name);
        }
        return schema;
    }

    Field field(Schema owner, String name, String code, boolean required) {
        var type = type(code, MICRO_TIMES.contains(owner.name() + "." + name));
        return new Field(
                name,
                type,
                required,
                table.omitsZero(owner.name(), name),
                table.merge(owner.name(), name));
    }

    private Type type(String code, boolean micro) {
        return switch (code.charAt(0)) {
            case 's' -> Type.Scalar.STRING;
            case 'i' -> Type.Scalar.INT32;
            case 'l' -> Type.Scalar.INT64;
            case 'd' -> Type.Scalar.DOUBLE;
            case 'b' -> Type.Scalar.BOOLEAN;
            case 'q' -> Type.Scalar.QUANTITY;
            case 'x' -> Type.Scalar.INT_OR_STRING;
            case 't' -> micro ? Type.Scalar.MICRO_TIME : Type.Scalar.TIME;
            case 'y' -> Type.Scalar.BYTES;
            case 'o' -> Type.Scalar.ANY;
            case '[' -> new Type.ListOf(type(code.substring(1), micro));
            case '{' -> new Type.MapOf(type(code.substring(1), micro));
            case '@' -> new Type.ObjectOf(type(code.substring(1)));
            default -> throw new IllegalArgumentException("types.txt: unknown type " + code);
        };
    }
}
