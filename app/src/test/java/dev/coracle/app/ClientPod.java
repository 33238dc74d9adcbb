// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.util.List;

/// A pod that asks. It sees this machine's programs and C library, so that names are looked up as
/// most programs do, and with `dig`.
final class ClientPod {
    private static final String MANIFEST =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              dnsPolicy: %s
              hostNetwork: %b
              terminationGracePeriodSeconds: 0
              volumes:
              - {name: usr, hostPath: {path: /usr}}
              - {name: lib, hostPath: {path: /lib}}
              - {name: lib64, hostPath: {path: /lib64}}
              containers:
              - name: client
                image: busybox:1.28
                command: [sleep, "3600"]
                volumeMounts:
                - {name: usr, mountPath: /usr, readOnly: true}
                - {name: lib, mountPath: /lib, readOnly: true}
                - {name: lib64, mountPath: /lib64, readOnly: true}
            ---
            """;

    private ClientPod() {}

    /// Who answers such a pod at `url`, asked so often.
    static List<String> whoAnswers(Kubectl in, String pod, String url, int times) {
        var script = "for i in $(seq %d); do /bin/wget -qO- http://%s/ || exit 1; done";
        return in.inPod(pod, script.formatted(times, url)).ok().lines().toList();
    }

    /// One on the network of pods.
    static String manifest(String name) {
        return MANIFEST.formatted(name, "ClusterFirst", false);
    }

    /// One on the network of the node, which asks cluster DNS all the same.
    static String onHostNetwork(String name) {
        return MANIFEST.formatted(name, "ClusterFirstWithHostNet", true);
    }
}
