// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

/// One service of a real node, as kubectl shows it.
record WatchedService(Kubectl kubectl, String name) {

    private String get(String field) {
        return kubectl.run("get", "service", name, "-o", "jsonpath={" + field + "}").ok();
    }

    String clusterIp() {
        return get(".spec.clusterIP");
    }

    /// The address of the load balancer, once there is one.
    String awaitBalancer() {
        return Kubectl.await(
                "an address of the load balancer",
                () -> get(".status.loadBalancer.ingress[0].ip"),
                ip -> !ip.isEmpty());
    }
}
