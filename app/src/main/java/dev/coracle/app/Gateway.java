// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.net.InetAddress;

/// This machine as pods see it: `address` is where they reach it, and `bound` is where it listens
/// for them, which is the same wherever there are pods.
record Gateway(String address, InetAddress bound) {
    /// The address of this machine on the pods' bridge.
    static Gateway of(String address) {
        return new Gateway(address, InetAddress.ofLiteral(address));
    }
}
