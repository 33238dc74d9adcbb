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

    private LocalMachine() {}

    /// @throws IOException in one sentence, if the process is not root's
    static void needRoot(String command) throws IOException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new IOException(
                    command + " has to do with containers, which needs root: use sudo");
        }
    }

    /// The IPv4 networks that interfaces of this machine are in.
    static List<PodNetwork> networks() throws IOException {
        var networks = new ArrayList<PodNetwork>();
        for (var face : NetworkInterface.networkInterfaces().toList()) {
            for (var address : face.getInterfaceAddresses()) {
                if (address.getAddress() instanceof Inet4Address ip) {
                    networks.add(
                            new PodNetwork(
                                    ByteBuffer.wrap(ip.getAddress()).getInt(),
                                    address.getNetworkPrefixLength()));
                }
            }
        }
        return networks;
    }
}
