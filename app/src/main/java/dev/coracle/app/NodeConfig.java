// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.sim.script.Durations;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a node needs to know before it starts: one field for each flag of `coracle up`.
///
/// `port` 0 picks a free one; `runtimeEndpoint` is the path of the unix socket of a container
/// runtime that is already there, null for a private containerd; `imagesDirectory` holds archives
/// to import at start; `maxContainerRestartPeriod` is the longest time until a container that keeps
/// failing is started again; `install` allows distribution packages to be installed; `durable` says
/// whether objects outlive the process.
record NodeConfig(
        Path dataDirectory,
        String bindAddress,
        int port,
        String name,
        String podCidr,
        String serviceCidr,
        @Nullable Path runtimeEndpoint,
        @Nullable Path imagesDirectory,
        Duration maxContainerRestartPeriod,
        boolean install,
        boolean durable) {
    static final Path DEFAULT_DATA_DIRECTORY = Path.of("/var/lib/coracle");
    static final String DEFAULT_BIND_ADDRESS = "127.0.0.1";
    static final int DEFAULT_PORT = 6443;
    static final String DEFAULT_POD_CIDR = "10.244.0.0/24";
    static final String DEFAULT_SERVICE_CIDR = "10.96.0.0/12";
    static final String DEFAULT_RESTART_PERIOD = "300s";

    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private static final int LONGEST_SUBDOMAIN = 253;
    private static final int HIGHEST_PORT = 65_535;

    /// The bounds of `crashLoopBackOff.maxContainerRestartPeriod` in a kubelet's configuration.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>,
    /// "Configurable container restart delay"
    private static final Duration SHORTEST_RESTART_PERIOD = Duration.ofSeconds(1);

    private static final Duration LONGEST_RESTART_PERIOD = Duration.ofMinutes(5);

    NodeConfig {
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "--port: %d is not between 0 and %d".formatted(port, HIGHEST_PORT));
        }
        requireNodeName("--name", name);
        try {
            InetAddress.ofLiteral(bindAddress);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--bind-address: \"%s\" is not an IP address".formatted(bindAddress), e);
        }
        if (Ipv4Network.ofPods(podCidr).overlaps(Ipv4Network.ofServices(serviceCidr))) {
            throw new IllegalArgumentException(
                    "--service-cidr: %s and --pod-cidr %s overlap".formatted(serviceCidr, podCidr));
        }
        if (maxContainerRestartPeriod.compareTo(SHORTEST_RESTART_PERIOD) < 0
                || maxContainerRestartPeriod.compareTo(LONGEST_RESTART_PERIOD) > 0) {
            throw new IllegalArgumentException(
                    "--max-container-restart-period: %s is not between 1s and 300s"
                            .formatted(Durations.text(maxContainerRestartPeriod)));
        }
        dataDirectory = dataDirectory.toAbsolutePath().normalize();
    }

    /// @throws IllegalArgumentException naming `flag` if a node cannot have this name
    static void requireNodeName(String flag, String name) {
        if (!SUBDOMAIN.matcher(name).matches() || name.length() > LONGEST_SUBDOMAIN) {
            throw new IllegalArgumentException(
                    "%s: \"%s\" is not a lower-case DNS name of at most %d characters"
                            .formatted(flag, name, LONGEST_SUBDOMAIN));
        }
    }

    Ipv4Network podNetwork() {
        return Ipv4Network.ofPods(podCidr);
    }

    /// The address of this machine on the pods' bridge, where that is ours.
    String bridgeAddress() {
        return podNetwork().host(1);
    }

    DataDirectory files() {
        return new DataDirectory(dataDirectory);
    }
}
