// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The flags that describe a node. What was not given is null, because `run` and `up` fill it in
/// differently.
final class NodeOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where the node keeps everything; names the node for every command.")
    @Nullable Path dataDirectory;

    @Option(
            names = "--bind-address",
            paramLabel = "IP",
            defaultValue = NodeConfig.DEFAULT_BIND_ADDRESS,
            description = "Address the API listens on (default: ${DEFAULT-VALUE}).")
    String bindAddress = NodeConfig.DEFAULT_BIND_ADDRESS;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port the API listens on; 0 picks a free one (up: 6443, run: 0).")
    @Nullable Integer port;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the node (default: this machine's host name).")
    @Nullable String name;

    @Option(
            names = "--pod-cidr",
            paramLabel = "CIDR",
            description =
                    "IPv4 network of the pods (up: "
                            + NodeConfig.DEFAULT_POD_CIDR
                            + ", run: the first 10.244.N.0/24 that is free).")
    @Nullable String podCidr;

    @Option(
            names = "--runtime-endpoint",
            paramLabel = "SOCKET",
            description =
                    "Use the container runtime behind this unix socket instead of a private"
                            + " containerd.")
    @Nullable String runtimeEndpoint;

    @Option(
            names = "--images-dir",
            paramLabel = "DIR",
            description =
                    "Import all image archives (.tar, .tar.gz, .tgz) of this directory at start.")
    @Nullable Path imagesDirectory;

    @Option(
            names = "--no-install",
            description =
                    "Refuse to install distribution packages that containers need; name them.")
    boolean noInstall;

    /// A node that stays: its directory, port and network are the same at every start.
    NodeConfig lasting() {
        return config(
                dataDirectory == null ? NodeConfig.DEFAULT_DATA_DIRECTORY : dataDirectory,
                port == null ? NodeConfig.DEFAULT_PORT : port,
                podCidr == null ? NodeConfig.DEFAULT_POD_CIDR : podCidr,
                true);
    }

    /// A node for the life of one command, beside any other.
    NodeConfig passing(Path scratch, PodNetwork free) {
        return config(
                dataDirectory == null ? scratch : dataDirectory,
                port == null ? 0 : port,
                podCidr == null ? free.toString() : podCidr,
                dataDirectory != null);
    }

    private NodeConfig config(Path directory, int chosenPort, String network, boolean durable) {
        try {
            return new NodeConfig(
                    directory,
                    bindAddress,
                    chosenPort,
                    name == null ? hostName() : name,
                    network,
                    runtimeEndpoint == null ? null : socket(runtimeEndpoint),
                    imagesDirectory,
                    !noInstall,
                    durable);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /// Kubelet and crictl write `unix:///run/containerd/containerd.sock`; a bare path is as good.
    private static Path socket(String endpoint) {
        return Path.of(
                endpoint.startsWith("unix://") ? endpoint.substring("unix://".length()) : endpoint);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException _) {
            return "localhost"; // a machine that cannot resolve its own name still has one
        }
    }
}
