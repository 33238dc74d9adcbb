// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A pod as the kubelet reads it; `tree` is all of it.
///
/// `deletionGrace` is null unless the pod is being deleted; `activeDeadline` is null when there is
/// none.
public record Pod(
        JsonObject tree,
        ObjectKey key,
        String uid,
        RestartPolicy restartPolicy,
        List<Container> initContainers,
        List<Container> containers,
        Duration terminationGrace,
        @Nullable Duration deletionGrace,
        @Nullable Duration activeDeadline) {
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    public Pod {
        initContainers = List.copyOf(initContainers);
        containers = List.copyOf(containers);
    }

    /// Reads a pod.
    ///
    /// @throws IllegalArgumentException if it is one that validation would have refused
    public static Pod of(JsonObject tree) {
        var metadata = tree.object("metadata");
        var spec = tree.object("spec");
        var policy = RestartPolicy.of(spec.string("restartPolicy"));
        var grace = secondsOr(spec, "terminationGracePeriodSeconds", DEFAULT_GRACE);
        return new Pod(
                tree,
                ObjectKey.of(tree),
                metadata.string("uid"),
                policy,
                spec.array("initContainers").objects().stream()
                        .map(container -> Container.init(container, policy))
                        .toList(),
                spec.array("containers").objects().stream()
                        .map(container -> Container.app(container, policy))
                        .toList(),
                grace,
                metadata.has("deletionTimestamp")
                        ? secondsOr(metadata, "deletionGracePeriodSeconds", grace)
                        : null,
                seconds(spec, "activeDeadlineSeconds"));
    }

    private static @Nullable Duration seconds(JsonObject object, String name) {
        return object.get(name) instanceof JsonNumber number && number.isLong()
                ? Duration.ofSeconds(Math.max(0, number.longValue()))
                : null;
    }

    private static Duration secondsOr(JsonObject object, String name, Duration otherwise) {
        var found = seconds(object, name);
        return found == null ? otherwise : found;
    }

    public JsonObject metadata() {
        return tree.object("metadata");
    }

    public JsonObject spec() {
        return tree.object("spec");
    }

    public JsonObject status() {
        return tree.object("status");
    }

    public long generation() {
        return metadata().number("generation", 0);
    }

    public boolean deleting() {
        return deletionGrace != null;
    }

    public boolean hostNetwork() {
        return spec().bool("hostNetwork", false);
    }

    /// Whether the API has the pod as Succeeded or Failed: it never runs again.
    public boolean finished() {
        var phase = status().string("phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /// Init containers first, in order.
    public List<Container> allContainers() {
        return Stream.concat(initContainers.stream(), containers.stream()).toList();
    }
}
