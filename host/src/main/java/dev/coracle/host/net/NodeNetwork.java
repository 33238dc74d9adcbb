// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

/// The part of the machine's network that is one node's.
///
/// `table` is the name of its table of rules. `bridge` connects its pods, whose addresses are in
/// `podCidr`; both are empty where somebody else made the pods' network. Cluster IPs are from
/// `serviceCidr`. `seesBridged` says whether rules apply to packets between two pods on the bridge.
public record NodeNetwork(
        String table, String bridge, String podCidr, String serviceCidr, boolean seesBridged) {

    boolean ownsBridge() {
        return !bridge.isEmpty();
    }
}
