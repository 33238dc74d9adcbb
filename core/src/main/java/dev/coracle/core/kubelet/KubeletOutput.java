// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/// What the [Kubelet] wants done.
///
/// Writes to the API ([WriteStatus], [DeletePod], [RecordEvent]) must take effect in the order in
/// which they were given, per pod; the rest may run at the same time.
public sealed interface KubeletOutput {

    /// Make this call and report with [KubeletInput.Reply].
    record Call(long callId, RuntimeCall call) implements KubeletOutput {}

    /// Ask this over the network and report with [KubeletInput.Probed].
    record Probe(long callId, ProbeCall call) implements KubeletOutput {}

    /// Make the pod's directory and the volumes of `spec.volumes`, and report with
    /// [KubeletInput.VolumesPrepared] or [KubeletInput.VolumesFailed]. Also asked for pods whose
    /// volumes are there already: existing data must stay.
    record PrepareVolumes(String podUid, JsonObject pod) implements KubeletOutput {}

    /// Write these files, parent directories included, and report with
    /// [KubeletInput.FilesWritten]. All are below [KubeletConfig#podsDirectory].
    record WriteFiles(long callId, String podUid, List<HostFile> files) implements KubeletOutput {
        public WriteFiles {
            files = List.copyOf(files);
        }
    }

    /// `mode` is the permission bits; the owner is root.
    record HostFile(String path, String content, int mode) {}

    /// Nothing runs any more: unmount and remove the pod's directory, and its logs.
    record RemovePodDirectory(ObjectKey key, String podUid) implements KubeletOutput {}

    /// Replace the pod's `status`, if its uid is still this one. On a conflict try again with the
    /// same status on the newer object; when the pod is gone or has another uid, forget it.
    record WriteStatus(ObjectKey key, String podUid, JsonObject status) implements KubeletOutput {}

    /// Remove the pod from the API: grace 0, uid as precondition. Already gone is well.
    record DeletePod(ObjectKey key, String podUid) implements KubeletOutput {}

    /// Record an event of component `kubelet` about a pod; like ones are counted by who writes.
    /// `fieldPath` is such as `spec.containers{app}`, or empty; `type` is Normal or Warning.
    record RecordEvent(
            ObjectKey key,
            String podUid,
            String resourceVersion,
            String fieldPath,
            String type,
            String reason,
            String message)
            implements KubeletOutput {

        /// As the kubelet of `node` asks for it.
        public EventRequest request(String node) {
            var about =
                    new EventRequest.Reference(
                            "v1",
                            "Pod",
                            key.namespace(),
                            key.name(),
                            podUid,
                            resourceVersion,
                            fieldPath);
            return new EventRequest(about, type, reason, message, "kubelet", node);
        }
    }

    /// Send [KubeletInput.Tick] at this instant, or at once if it has passed, but never before.
    /// Each is answered for itself: a later one does not replace an earlier one.
    record WakeAt(String podUid, Instant at) implements KubeletOutput {}
}
