// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets pods reach other networks under the node's address, by one table of packet rules that can
/// be deleted as a whole.
final class PodNetwork {
    private static final Logger LOG = LoggerFactory.getLogger(PodNetwork.class);

    /// <https://github.com/containernetworking/cni/blob/main/libcni/api.go>
    private static final Path RESULTS = Path.of("/var/lib/cni/results");

    private final ContainerdConfig config;
    private final Installation installation;

    PodNetwork(ContainerdConfig config, Installation installation) {
        this.config = config;
        this.installation = installation;
    }

    void open() throws IOException, InterruptedException {
        var nft = installation.nft();
        if (nft == null) {
            LOG.warn("nft is not installed: pods reach this machine, but no other network");
            return;
        }
        var result = Command.feed(rules(), nft.toString(), "-f", "-");
        if (result.failed()) {
            LOG.warn(
                    "Pods reach this machine, but no other network: nft: {}",
                    result.output().strip());
        }
    }

    /// Declaring the table before deleting it makes this work whether it exists or not.
    String rules() {
        return """
                table ip %1$s
                delete table ip %1$s
                table ip %1$s {
                  chain postrouting {
                    type nat hook postrouting priority srcnat
                    ip saddr %2$s oifname != "%3$s" masquerade
                  }
                }
                """
                .formatted(config.network(), config.podCidr(), config.bridge());
    }

    void close() throws IOException, InterruptedException {
        var nft = installation.nft();
        if (nft != null) {
            var gone = "table ip %1$s\ndelete table ip %1$s\n".formatted(config.network());
            var result = Command.feed(gone, nft.toString(), "-f", "-");
            if (result.failed()) {
                LOG.warn("Packet rules may stay behind: nft: {}", result.output().strip());
            }
        }
        if (Files.exists(Path.of("/sys/class/net", config.bridge()))) {
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
