// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the [Kubelet] is told.
public sealed interface KubeletInput {

    /// The first input, once: the pods that the API has for this node, and what the runtime holds
    /// ([RuntimeCall.ListPods]). Running containers of known pods are adopted as they are; pods
    /// that the API does not know are stopped and removed.
    record Started(List<JsonObject> pods, List<RuntimeReply.RuntimePod> found)
            implements KubeletInput {
        public Started {
            pods = List.copyOf(pods);
            found = List.copyOf(found);
        }
    }

    /// A pod bound to this node was created, bound or changed in any way, its status and its
    /// `deletionTimestamp` included. The pod is whole, as stored.
    record PodChanged(JsonObject pod) implements KubeletInput {}

    /// A pod is gone from the API.
    record PodDeleted(ObjectKey key, String uid) implements KubeletInput {}

    /// What came of [KubeletOutput.Call], exactly once for each.
    record Reply(long callId, RuntimeReply reply) implements KubeletInput {}

    /// What came of [KubeletOutput.Probe], exactly once for each.
    record Probed(long callId, ProbeReply reply) implements KubeletInput {}

    /// The runtime saw something of this pod change.
    record RuntimeChanged(String podUid) implements KubeletInput {}

    /// What came of [KubeletOutput.PrepareVolumes]: where each volume is on the host, by name.
    record VolumesPrepared(String podUid, Map<String, String> hostPaths) implements KubeletInput {
        public VolumesPrepared {
            hostPaths = Map.copyOf(hostPaths);
        }
    }

    /// The volumes could not be prepared; `message` is what the event FailedMount says, such as
    /// `MountVolume.SetUp failed for volume "x" : configmap "y" not found`.
    record VolumesFailed(String podUid, String message) implements KubeletInput {}

    /// What came of [KubeletOutput.WriteFiles]; `failure` is null when all are written.
    record FilesWritten(long callId, @Nullable String failure) implements KubeletInput {}

    /// Time has passed: an instant of a [KubeletOutput.WakeAt] of this pod has come.
    record Tick(String podUid) implements KubeletInput {}
}
