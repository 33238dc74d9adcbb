// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

/// The labels by which sandboxes and containers are known as parts of a pod, and the annotations
/// that say how a container leaves its last words: those of the kubelet, so that tools know them.
final class PodLabels {
    static final String POD_NAME = "io.kubernetes.pod.name";
    static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
    static final String POD_UID = "io.kubernetes.pod.uid";
    static final String CONTAINER_NAME = "io.kubernetes.container.name";
    static final String TERMINATION_MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath";
    static final String TERMINATION_MESSAGE_POLICY =
            "io.kubernetes.container.terminationMessagePolicy";

    private PodLabels() {}
}
