// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Timestamps;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/// What becomes of an object whose deletion was asked for.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
sealed interface Deletion {
    String TIMESTAMP = "deletionTimestamp";
    String GRACE = "deletionGracePeriodSeconds";

    /// It goes at once.
    record Remove() implements Deletion {}

    /// It is marked as `marked`, which everyone sees, and then goes at once.
    record MarkAndRemove(JsonObject marked) implements Deletion {}

    /// It stays for now, marked as `marked`.
    record Mark(JsonObject marked) implements Deletion {}

    /// Its deletion is under way already and this request does not hasten it.
    record Pending() implements Deletion {}

    static Deletion decide(ServedKind kind, JsonObject object, DeleteOptions options, Instant now) {
        if (kind.storage().equals(ResourceTypes.PODS)) {
            return graceful(object, options, now);
        }
        if (kind.storage().equals(ResourceTypes.NAMESPACES)) {
            return namespace(object, now);
        }
        return atOnce(object, now);
    }

    private static Deletion graceful(JsonObject pod, DeleteOptions options, Instant now) {
        var metadata = pod.object("metadata");
        long grace = grace(pod, options);
        if (!metadata.has(TIMESTAMP)) {
            return marked(ObjectMetadata.counted(pod), now.plusSeconds(grace), grace);
        }
        long before = metadata.number(GRACE, 0);
        if (!metadata.has(GRACE)) {
            return atOnce(pod, now);
        }
        var asked = options.gracePeriodSeconds();
        if (asked == null || asked >= before) {
            return before == 0 ? atOnce(pod, now) : new Pending();
        }
        var deadline =
                Objects.requireNonNull(Timestamps.parse(metadata.string(TIMESTAMP)))
                        .minus(Duration.ofSeconds(before))
                        .plusSeconds(asked);
        return marked(pod, deadline, asked);
    }

    /// A pod that no kubelet looks after, or that has ended, needs no grace.
    private static long grace(JsonObject pod, DeleteOptions options) {
        var phase = pod.object("status").string("phase");
        if (pod.object("spec").string("nodeName").isEmpty()
                || phase.equals("Failed")
                || phase.equals("Succeeded")) {
            return 0;
        }
        var asked = options.gracePeriodSeconds();
        long grace =
                asked != null
                        ? asked
                        : pod.object("spec").number("terminationGracePeriodSeconds", 0);
        return grace < 0 ? 1 : grace;
    }

    private static Deletion marked(JsonObject pod, Instant deadline, long grace) {
        var marked =
                pod.with(
                        "metadata",
                        m -> m.with(TIMESTAMP, Timestamps.seconds(deadline)).with(GRACE, grace));
        return grace > 0 || hasFinalizers(pod) ? new Mark(marked) : new MarkAndRemove(marked);
    }

    private static Deletion atOnce(JsonObject object, Instant now) {
        if (!hasFinalizers(object)) {
            return new Remove();
        }
        if (object.object("metadata").has(TIMESTAMP)) {
            return new Pending();
        }
        return new Mark(
                ObjectMetadata.counted(object)
                        .with(
                                "metadata",
                                m -> m.with(TIMESTAMP, Timestamps.seconds(now)).with(GRACE, 0)));
    }

    /// A namespace terminates first; it goes when its contents are gone and nobody's finalizer is
    /// left.
    ///
    /// <https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace>
    private static Deletion namespace(JsonObject namespace, Instant now) {
        if (!namespace.object("metadata").has(TIMESTAMP)) {
            return new Mark(
                    namespace
                            .with("metadata", m -> m.with(TIMESTAMP, Timestamps.seconds(now)))
                            .with("status", s -> s.with("phase", "Terminating")));
        }
        return isFree(namespace) ? new Remove() : new Pending();
    }

    /// Whether `object`, just written, has nothing left that kept it from going.
    static boolean isDue(JsonObject object) {
        var metadata = object.object("metadata");
        return metadata.has(TIMESTAMP) && metadata.number(GRACE, 0) == 0 && isFree(object);
    }

    private static boolean isFree(JsonObject object) {
        return !hasFinalizers(object)
                && !(object.string("kind").equals("Namespace")
                        && !object.object("spec").array("finalizers").isEmpty());
    }

    private static boolean hasFinalizers(JsonObject object) {
        return !object.object("metadata").array("finalizers").isEmpty();
    }
}
