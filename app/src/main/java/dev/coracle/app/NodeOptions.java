// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.sim.script.Durations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
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
            names = "--service-cidr",
            paramLabel = "CIDR",
            description =
                    "IPv4 network of the services' cluster IPs (up: "
                            + NodeConfig.DEFAULT_SERVICE_CIDR
                            + ", run: the first 10.112.N.0/20 that is free).")
    @Nullable String serviceCidr;

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
            names = "--max-container-restart-period",
            paramLabel = "TIME",
            defaultValue = NodeConfig.DEFAULT_RESTART_PERIOD,
            description =
                    "Longest time until a container that keeps failing is started again, 1s to"
                            + " 300s (default: ${DEFAULT-VALUE}).")
    String maxContainerRestartPeriod = NodeConfig.DEFAULT_RESTART_PERIOD;

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
                serviceCidr == null ? NodeConfig.DEFAULT_SERVICE_CIDR : serviceCidr,
                true);
    }

    /// Looks for a network that nothing on this machine uses.
    interface Free {
        /// @throws IOException if all are in use
        Ipv4Network network() throws IOException;
    }

    /// A node for the life of one command, beside any other. Networks that no flag names are looked
    /// for.
    NodeConfig passing(Path scratch, Free forPods, Free forServices) throws IOException {
        return config(
                dataDirectory == null ? scratch : dataDirectory,
                port == null ? 0 : port,
                podCidr == null ? forPods.network().toString() : podCidr,
                serviceCidr == null ? forServices.network().toString() : serviceCidr,
                dataDirectory != null);
    }

    private NodeConfig config(
            Path directory, int chosenPort, String pods, String services, boolean durable) {
        try {
            return new NodeConfig(
                    directory,
                    bindAddress,
                    chosenPort,
                    name == null ? hostName() : name,
                    pods,
                    services,
                    runtimeEndpoint == null ? null : socket(runtimeEndpoint),
                    imagesDirectory,
                    restartPeriod(),
                    !noInstall,
                    durable);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Duration restartPeriod() {
        try {
            return Durations.parse(maxContainerRestartPeriod);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--max-container-restart-period: \"%s\": %s"
                            .formatted(maxContainerRestartPeriod, e.getMessage()),
                    e);
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
