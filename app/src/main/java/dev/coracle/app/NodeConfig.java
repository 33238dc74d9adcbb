// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a node needs to know before it starts: one field for each flag of `coracle up`.
///
/// `port` 0 picks a free one; `runtimeEndpoint` is the path of the unix socket of a container
/// runtime that is already there, null for a private containerd; `imagesDirectory` holds archives
/// to import at start; `install` allows distribution packages to be installed; `durable` says
/// whether objects outlive the process.
record NodeConfig(
        Path dataDirectory,
        String bindAddress,
        int port,
        String name,
        String podCidr,
        @Nullable Path runtimeEndpoint,
        @Nullable Path imagesDirectory,
        boolean install,
        boolean durable) {
    static final Path DEFAULT_DATA_DIRECTORY = Path.of("/var/lib/coracle");
    static final String DEFAULT_BIND_ADDRESS = "127.0.0.1";
    static final int DEFAULT_PORT = 6443;
    static final String DEFAULT_POD_CIDR = "10.244.0.0/24";

    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private static final int LONGEST_SUBDOMAIN = 253;
    private static final int HIGHEST_PORT = 65_535;

    NodeConfig {
        if (port < 0 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "--port: %d is not between 0 and %d".formatted(port, HIGHEST_PORT));
        }
        if (!SUBDOMAIN.matcher(name).matches() || name.length() > LONGEST_SUBDOMAIN) {
            throw new IllegalArgumentException(
                    "--name: \"%s\" is not a lower-case DNS name of at most %d characters"
                            .formatted(name, LONGEST_SUBDOMAIN));
        }
        try {
            InetAddress.ofLiteral(bindAddress);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--bind-address: \"%s\" is not an IP address".formatted(bindAddress), e);
        }
        PodNetwork.parse(podCidr);
        dataDirectory = dataDirectory.toAbsolutePath().normalize();
    }

    DataDirectory files() {
        return new DataDirectory(dataDirectory);
    }
}
