// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

/// Where the addresses and node ports of services come from: a network of IPv4 and two inclusive
/// bounds.
///
/// <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>
public record ServiceRanges(String cidr, int nodePortMin, int nodePortMax) {
    /// kubeadm's network and the API server's ports.
    public static final ServiceRanges UPSTREAM = new ServiceRanges("10.96.0.0/12", 30_000, 32_767);

    private static final int DNS_INDEX = 9;
    private static final int MAX_PORT = 65_535;

    /// @throws IllegalArgumentException if the network is none or too small, or the bounds are none
    public ServiceRanges {
        if (AddressRange.of(cidr).size() <= DNS_INDEX) {
            throw new IllegalArgumentException(
                    "\"%s\" has no room for the cluster's own services".formatted(cidr));
        }
        if (nodePortMin < 1 || nodePortMax > MAX_PORT || nodePortMin > nodePortMax) {
            throw new IllegalArgumentException(
                    "%d-%d is no range of ports".formatted(nodePortMin, nodePortMax));
        }
    }

    /// This network, and the usual ports.
    public static ServiceRanges of(String cidr) {
        return new ServiceRanges(cidr, UPSTREAM.nodePortMin(), UPSTREAM.nodePortMax());
    }

    AddressRange addresses() {
        return AddressRange.of(cidr);
    }

    /// The first address, kept for the API server: 10.96.0.1.
    public String apiAddress() {
        return addresses().at(0);
    }

    /// The tenth address, kept for the cluster's DNS: 10.96.0.10.
    public String dnsAddress() {
        return addresses().at(DNS_INDEX);
    }
}
