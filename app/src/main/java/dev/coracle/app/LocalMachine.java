// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The machine that the program finds itself on.
final class LocalMachine {

    private static final int SMALL_ENOUGH = 12;

    private LocalMachine() {}

    /// @throws IOException in one sentence, if the process is not root's
    static void needRoot(String command) throws IOException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new IOException(
                    command + " has to do with containers, which needs root: use sudo");
        }
    }

    /// The IPv4 networks that interfaces of this machine are in.
    static List<Ipv4Network> networks() throws IOException {
        var networks = new ArrayList<Ipv4Network>();
        for (var face : NetworkInterface.networkInterfaces().toList()) {
            for (var address : face.getInterfaceAddresses()) {
                if (address.getAddress() instanceof Inet4Address ip) {
                    networks.add(
                            new Ipv4Network(
                                    ByteBuffer.wrap(ip.getAddress()).getInt(),
                                    address.getNetworkPrefixLength()));
                }
            }
        }
        return networks;
    }

    /// The IPv4 networks that this machine has routes to, apart from those so large that they only
    /// say where everything else is: they give way to a route of ours.
    static List<Ipv4Network> routes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/net/route"))) {
            return lines.skip(1)
                    .map(LocalMachine::route)
                    .filter(network -> network.prefixLength() >= SMALL_ENOUGH)
                    .toList();
        }
    }

    /// Columns are interface, destination, …, the mask being the eighth; numbers are written in
    /// hexadecimal with the first byte last.
    static Ipv4Network route(String line) {
        var columns = line.split("\\s+", -1);
        int address = Integer.reverseBytes(Integer.parseUnsignedInt(columns[1], 16));
        int mask = Integer.parseUnsignedInt(columns[7], 16);
        return new Ipv4Network(address, Integer.bitCount(mask));
    }
}
