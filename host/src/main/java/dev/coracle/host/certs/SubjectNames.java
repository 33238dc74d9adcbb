// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// The names and addresses that a server's certificate is valid for, each once.
public record SubjectNames(List<String> dns, List<InetAddress> addresses) {
    public SubjectNames {
        dns = List.copyOf(new LinkedHashSet<>(dns));
        addresses = List.copyOf(new LinkedHashSet<>(addresses));
    }

    /// What clients call the API server of a cluster: from this machine, from pods, and by the
    /// node's own name and addresses.
    ///
    /// <https://kubernetes.io/docs/setup/best-practices/certificates/#all-certificates>
    public static SubjectNames ofApiServer(
            String clusterDomain,
            String hostName,
            InetAddress serviceAddress,
            List<InetAddress> nodeAddresses) {
        var dns = new ArrayList<>(List.of("localhost"));
        for (var suffix :
                List.of("", ".default", ".default.svc", ".default.svc." + clusterDomain)) {
            dns.add("kubernetes" + suffix);
        }
        dns.add(hostName);
        var addresses = new ArrayList<InetAddress>();
        addresses.add(InetAddress.ofLiteral("127.0.0.1"));
        addresses.add(InetAddress.ofLiteral("::1"));
        addresses.add(serviceAddress);
        addresses.addAll(nodeAddresses);
        return new SubjectNames(dns, addresses);
    }

    /// These and `more`: host names or literal addresses.
    public SubjectNames with(List<String> more) {
        var moreDns = new ArrayList<>(dns);
        var moreAddresses = new ArrayList<>(addresses);
        for (var name : more) {
            if (isAddress(name)) {
                moreAddresses.add(InetAddress.ofLiteral(name));
            } else {
                moreDns.add(name);
            }
        }
        return new SubjectNames(moreDns, moreAddresses);
    }

    private static boolean isAddress(String name) {
        try {
            var _ = InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// All of them as text.
    List<String> texts() {
        var texts = new ArrayList<>(dns);
        addresses.forEach(address -> texts.add(address.getHostAddress()));
        return texts;
    }
}
