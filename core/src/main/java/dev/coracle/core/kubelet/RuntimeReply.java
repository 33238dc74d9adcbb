// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of a [RuntimeCall].
public sealed interface RuntimeReply {

    /// `ips` are the pod's addresses, the primary first; empty on the host's network.
    record SandboxRunning(String sandboxId, List<String> ips) implements RuntimeReply {
        public SandboxRunning {
            ips = List.copyOf(ips);
        }
    }

    /// An image that is present. `imageId` is what `status.containerStatuses[].imageID` shows (a
    /// repo digest when there is one, else the id); `ref` what containers are created from.
    record Image(String ref, String imageId, long sizeBytes, ImageUser user, String stopSignal)
            implements RuntimeReply {}

    /// Whom the image says to run as: a uid, or a name, or neither.
    record ImageUser(@Nullable Long uid, String name) {}

    /// The image is not on the node.
    record ImageAbsent() implements RuntimeReply {}

    record ContainerCreated(String containerId) implements RuntimeReply {}

    record Done() implements RuntimeReply {}

    record Pod(RuntimePod pod) implements RuntimeReply {}

    record Pods(List<RuntimePod> pods) implements RuntimeReply {
        public Pods {
            pods = List.copyOf(pods);
        }
    }

    /// `exitCode` of a command that ran to its end; output in UTF-8, cut at 16 KiB.
    record ExecResult(int exitCode, String output) implements RuntimeReply {}

    /// The call did not succeed; `message` is the runtime's own, as events show it.
    record Failed(Kind kind, String message) implements RuntimeReply {
        public enum Kind {
            NOT_FOUND,
            ALREADY_EXISTS,
            TIMEOUT,
            UNAVAILABLE,
            /// Anything else the runtime said no to.
            REFUSED
        }
    }

    /// Everything the runtime holds for one pod, newest first in both lists.
    record RuntimePod(
            String uid,
            String namespace,
            String name,
            List<SandboxStatus> sandboxes,
            List<ContainerStatus> containers) {
        public RuntimePod {
            sandboxes = List.copyOf(sandboxes);
            containers = List.copyOf(containers);
        }

        /// The same with one more sandbox, which is the newest.
        RuntimePod with(ObjectKey key, SandboxStatus sandbox) {
            var all = new ArrayList<>(sandboxes);
            all.addFirst(sandbox);
            return new RuntimePod(uid, key.namespace(), key.name(), all, containers);
        }
    }

    record SandboxStatus(
            String id,
            boolean ready,
            int attempt,
            Instant createdAt,
            List<String> ips,
            Map<String, String> labels,
            Map<String, String> annotations) {
        public SandboxStatus {
            ips = List.copyOf(ips);
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }

    /// `reason` and `message` are the runtime's (`Completed`, `Error`, `OOMKilled`, …);
    /// `message` holds the termination message where the container left one.
    record ContainerStatus(
            String id,
            String sandboxId,
            String name,
            int attempt,
            State state,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            int exitCode,
            String reason,
            String message,
            String image,
            String imageId,
            String logPath,
            Map<String, String> labels,
            Map<String, String> annotations) {
        public ContainerStatus {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }

        public enum State {
            CREATED,
            RUNNING,
            EXITED,
            UNKNOWN
        }
    }
}
