// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.kubelet;

import dev.coracle.core.kubelet.NodeStatus;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Reads off the machine what its node object says.
public final class MachineFacts {
    /// <https://kubernetes.io/docs/setup/best-practices/cluster-large/>
    private static final int MAX_PODS = 110;

    private static final int MILLIS = 1000;

    private MachineFacts() {}

    /// The facts of this machine as node `name`; `dataDirectory` is on the disk that counts.
    ///
    /// @throws IOException if /proc is not there
    public static NodeStatus.Facts read(
            String name,
            String ip,
            String containerRuntimeVersion,
            String kubeletVersion,
            Path dataDirectory)
            throws IOException {
        return new NodeStatus.Facts(
                name,
                ip,
                name, // a node that was given a name goes by it, as with --hostname-override
                "linux",
                architecture(),
                osImage(),
                line("/proc/sys/kernel/osrelease"),
                line("/etc/machine-id"),
                line("/sys/class/dmi/id/product_uuid"),
                line("/proc/sys/kernel/random/boot_id"),
                containerRuntimeVersion,
                kubeletVersion,
                (long) Runtime.getRuntime().availableProcessors() * MILLIS,
                memoryBytes(),
                Files.getFileStore(dataDirectory).getTotalSpace(),
                MAX_PODS);
    }

    /// The address by which this machine is known on its network: the source address of a packet
    /// that would leave it, else the first of any interface. None where there is no network: an
    /// address of loopback or of one link alone says nothing to others. Nothing is sent.
    public static Optional<String> ip() throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress("192.0.2.1", 9)); // TEST-NET-1, RFC 5737
            var local = socket.getLocalAddress();
            if (isKnownOutside(local)) {
                return Optional.of(local.getHostAddress());
            }
        } catch (java.io.UncheckedIOException | java.net.SocketException _) {
            // no route: look at the interfaces
        }
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(MachineFacts::isKnownOutside)
                .map(InetAddress::getHostAddress)
                .findFirst();
    }

    private static boolean isKnownOutside(InetAddress address) {
        return address instanceof java.net.Inet4Address
                && !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress();
    }

    /// Bytes of memory, as /proc/meminfo says.
    static long memoryBytes() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("/proc/meminfo says no MemTotal");
    }

    /// Go's name of the processor architecture.
    private static String architecture() {
        var arch = System.getProperty("os.arch");
        return switch (arch) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> arch;
        };
    }

    private static String osImage() throws IOException {
        var release = Path.of("/etc/os-release");
        if (Files.exists(release)) {
            for (var line : Files.readAllLines(release)) {
                if (line.startsWith("PRETTY_NAME=")) {
                    return line.substring("PRETTY_NAME=".length()).replace("\"", "");
                }
            }
        }
        return System.getProperty("os.name");
    }

    /// The first line of a file, empty when it is not there or not ours to read.
    private static String line(String file) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.findFirst().orElse("").strip();
        } catch (IOException e) {
            return "";
        }
    }
}
