// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What a private containerd is told. `dataDir` outlives reboots (images, layers), `runDir` need
/// not; both belong to it alone. `name` is the node's and makes names of what is machine-wide;
/// `podCidr` is where pods get their addresses, `serviceCidr` where services do; `mirror`, when
/// given, is asked for every image before its own registry is.
public record ContainerdConfig(
        Path dataDir,
        Path runDir,
        String name,
        String podCidr,
        String serviceCidr,
        String sandboxImage,
        @Nullable URI mirror) {
    private static final int MAX_SOCKET_PATH_BYTES = 107;

    public ContainerdConfig {
        if (!dataDir.isAbsolute() || !runDir.isAbsolute()) {
            throw new IllegalArgumentException(
                    "containerd: \"" + dataDir + "\" and \"" + runDir + "\" must be absolute");
        }
        requireNetwork("podCidr", podCidr);
        requireNetwork("serviceCidr", serviceCidr);
        var socket = runDir.resolve("containerd.sock.ttrpc").toString();
        if (socket.getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "runDir \"" + runDir + "\" is too long for a socket's path");
        }
    }

    private static void requireNetwork(String field, String cidr) {
        if (!cidr.matches("[0-9.]+/[0-9]+")) {
            throw new IllegalArgumentException(
                    "%s \"%s\" is no IPv4 network".formatted(field, cidr));
        }
    }

    Path root() {
        return dataDir.resolve("containerd");
    }

    Path state() {
        return runDir.resolve("containerd");
    }

    /// Where containerd's CRI part keeps a directory for each sandbox, named by its id.
    Path sandboxesDirectory() {
        return state().resolve("io.containerd.grpc.v1.cri/sandboxes");
    }

    public Path socket() {
        return runDir.resolve("containerd.sock");
    }

    Path pidFile() {
        return runDir.resolve("containerd.pid");
    }

    public Path logFile() {
        return dataDir.resolve("containerd.log");
    }

    Path configFile() {
        return runDir.resolve("containerd.toml");
    }

    Path cniConfigDirectory() {
        return runDir.resolve("cni");
    }

    Path registryDirectory() {
        return runDir.resolve("registries");
    }

    Path addressDirectory() {
        return runDir.resolve("addresses");
    }

    Path runcRoot() {
        return runDir.resolve("runc");
    }

    /// The bridge that pods are connected to. Interface names hold 15 bytes, node names more.
    public String bridge() {
        return "cor-" + fingerprint();
    }

    /// The control group below which all containers are.
    public String cgroupParent() {
        return "/coracle-" + fingerprint();
    }

    /// The pods' network, and the table of packet rules through which they reach services and other
    /// networks.
    public String network() {
        return "coracle-" + fingerprint();
    }

    private String fingerprint() {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest((name + "\n" + runDir).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// The text of containerd's configuration file, in its version 2: 1.6 knows no other and 2.x
    /// still reads it.
    ///
    /// <https://github.com/containerd/containerd/blob/main/docs/cri/config.md>
    String toml(Installation installation, Surroundings surroundings) {
        var unused = surroundings.overlay() ? "native" : "overlayfs";
        return """
                version = 2
                root = %1$s
                state = %2$s
                disabled_plugins = [
                  "io.containerd.snapshotter.v1.aufs",
                  "io.containerd.snapshotter.v1.btrfs",
                  "io.containerd.snapshotter.v1.devmapper",
                  "io.containerd.snapshotter.v1.zfs",
                  "io.containerd.snapshotter.v1.%3$s",
                  "io.containerd.internal.v1.opt",
                  "io.containerd.internal.v1.restart",
                  "io.containerd.internal.v1.tracing",
                  "io.containerd.tracing.processor.v1.otlp",
                ]

                [grpc]
                  address = %4$s

                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = %5$s
                  disable_apparmor = %6$s
                  restrict_oom_score_adj = %7$s
                  netns_mounts_under_state_dir = true
                  stream_server_address = "127.0.0.1"
                  stream_server_port = "0"
                  stream_idle_timeout = "4h0m0s"
                  stats_collect_period = 60
                  max_concurrent_downloads = 3

                [plugins."io.containerd.grpc.v1.cri".cni]
                  bin_dir = %8$s
                  conf_dir = %9$s

                [plugins."io.containerd.grpc.v1.cri".registry]
                  config_path = %10$s

                [plugins."io.containerd.grpc.v1.cri".containerd]
                  snapshotter = "%11$s"
                  default_runtime_name = "runc"

                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                  runtime_type = "io.containerd.runc.v2"

                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                  Root = %12$s
                """
                .formatted(
                        quoted(root()),
                        quoted(state()),
                        unused,
                        quoted(socket()),
                        quoted(sandboxImage),
                        !surroundings.apparmor(),
                        !surroundings.mayLowerOomScores(),
                        quoted(installation.cniDirectory()),
                        quoted(cniConfigDirectory()),
                        quoted(registryDirectory()),
                        surroundings.snapshotter(),
                        quoted(runcRoot()));
    }

    /// The pods' network: one bridge and addresses from a list on disk, the shortest chain there
    /// is, since each plug-in is a process per pod. Masquerading and host ports are not theirs:
    /// they would leave rules behind.
    String cniConfigList() {
        return """
                {
                  "cniVersion": "0.4.0",
                  "name": "%s",
                  "plugins": [
                    {
                      "type": "bridge",
                      "bridge": "%s",
                      "isGateway": true,
                      "ipMasq": false,
                      "hairpinMode": true,
                      "ipam": {
                        "type": "host-local",
                        "dataDir": %s,
                        "ranges": [[{"subnet": "%s"}]],
                        "routes": [{"dst": "0.0.0.0/0"}]
                      }
                    }
                  ]
                }
                """
                .formatted(network(), bridge(), quoted(addressDirectory()), podCidr);
    }

    /// Sends every registry's requests to the mirror first; null when there is none.
    ///
    /// <https://github.com/containerd/containerd/blob/main/docs/hosts.md>
    @Nullable String defaultHosts() {
        var host = mirror;
        return host == null
                ? null
                : """
                [host.%s]
                  capabilities = ["pull", "resolve"]
                """
                        .formatted(quoted(host));
    }

    /// JSON and TOML quote alike.
    private static String quoted(Object value) {
        var text = value.toString().replace("\\", "\\\\").replace("\"", "\\\"");
        return '"' + text + '"';
    }
}
