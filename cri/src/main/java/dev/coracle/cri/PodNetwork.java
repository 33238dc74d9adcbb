// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The bridge of one node's pods. It is there before the first pod, so that the node can listen on
/// it; the CNI plug-in takes it as it finds it.
final class PodNetwork {
    private static final Logger LOG = LoggerFactory.getLogger(PodNetwork.class);

    /// <https://github.com/containernetworking/cni/blob/main/libcni/api.go>
    private static final Path RESULTS = Path.of("/var/lib/cni/results");

    private static final Path SETTINGS = Path.of("/proc/sys/net/ipv4");

    private final ContainerdConfig config;
    private final Installation installation;

    PodNetwork(ContainerdConfig config, Installation installation) {
        this.config = config;
        this.installation = installation;
    }

    /// Makes the bridge, or makes sure of the one that is there.
    ///
    /// Of what is set, one thing is the whole machine's and stays: it forwards packets. Pods are on
    /// networks of their own, so the CNI plug-in would do the same, and others may rely on it
    /// since.
    ///
    /// @throws IOException if the bridge cannot be made, or another one has the services' network
    void open() throws IOException, InterruptedException {
        boolean made = !exists();
        if (made) {
            // With an address of its own it does not take that of whichever pod comes first.
            Command.run("ip", "link", "add", config.bridge(), "address", mac(), "type", "bridge")
                    .orThrow();
        }
        try {
            setUp(config.bridge());
        } catch (IOException e) {
            if (made) {
                Command.run("ip", "link", "delete", config.bridge());
            }
            throw e;
        }
    }

    private void setUp(String bridge) throws IOException, InterruptedException {
        if (Surroundings.bridgedPacketsMeetRules()) {
            Command.run("ip", "link", "set", bridge, "type", "bridge", "nf_call_iptables", "1")
                    .orThrow();
        }
        Command.run("ip", "address", "replace", gateway(), "dev", bridge).orThrow();
        Command.run("ip", "link", "set", bridge, "up").orThrow();
        routeServices();
        set(SETTINGS.resolve("ip_forward"));
        // Node ports are on the node's loopback, too; a packet rule keeps pods from it.
        set(SETTINGS.resolve("conf").resolve(bridge).resolve("route_localnet"));
    }

    private boolean exists() {
        return Files.exists(Path.of("/sys/class/net", config.bridge()));
    }

    /// Locally administered, and the same at every start.
    private String mac() {
        var digits = config.bridge().substring(config.bridge().length() - 8);
        return "0a:00:%s:%s:%s:%s"
                .formatted(
                        digits.substring(0, 2),
                        digits.substring(2, 4),
                        digits.substring(4, 6),
                        digits.substring(6, 8));
    }

    /// The first address, which the plug-in for addresses gives to no pod: `10.244.0.1/24`.
    private String gateway() {
        var parts = config.podCidr().split("[./]", -1);
        return "%s.%s.%s.%d/%s"
                .formatted(parts[0], parts[1], parts[2], Integer.parseInt(parts[3]) + 1, parts[4]);
    }

    /// Packets to services find a way even on a machine without a default route, and others see
    /// that the network is taken. Rules translate such packets before they reach the bridge.
    private void routeServices() throws IOException, InterruptedException {
        var cidr = config.serviceCidr();
        var added = Command.run("ip", "route", "add", cidr, "dev", config.bridge());
        if (added.failed()) {
            var there = Command.run("ip", "route", "show", "exact", cidr).output().strip();
            if (!List.of(there.split(" ", -1)).contains(config.bridge())) {
                throw new IOException(
                        "the services' network %s is in use on this machine (%s): name another with --service-cidr"
                                .formatted(cidr, there.isEmpty() ? added.output().strip() : there));
            }
        }
    }

    private static void set(Path setting) throws IOException {
        if (!Files.readString(setting).strip().equals("1")) {
            Files.writeString(setting, "1");
        }
    }

    /// Takes away the bridge with everything that leads to it, and the node's packet rules.
    void close() throws IOException, InterruptedException {
        var nft = installation.nft();
        if (nft != null) {
            var gone = "table ip %1$s\ndelete table ip %1$s\n".formatted(config.network());
            var result = Command.feed(gone, nft.toString(), "-f", "-");
            if (result.failed()) {
                LOG.warn("Packet rules may stay behind: nft: {}", result.output().strip());
            }
        }
        if (exists()) {
            Command.run("ip", "link", "delete", config.bridge()).orThrow();
        }
        forgetResults();
    }

    /// Whoever calls CNI plug-ins remembers their answers here; of pods that containerd could not
    /// be asked to remove, they stay.
    private void forgetResults() throws IOException {
        if (Files.isDirectory(RESULTS)) {
            try (var results = Files.newDirectoryStream(RESULTS, config.network() + "-*")) {
                for (var result : results) {
                    Files.deleteIfExists(result);
                }
            }
        }
        var sandboxes = config.sandboxesDirectory();
        if (Files.isDirectory(sandboxes)) {
            try (var ids = Files.newDirectoryStream(sandboxes)) {
                for (var id : ids) {
                    var loopback = "cni-loopback-" + id.getFileName() + "-lo";
                    Files.deleteIfExists(RESULTS.resolve(loopback));
                }
            }
        }
    }
}
