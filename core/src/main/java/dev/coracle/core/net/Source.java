// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

/// Where a packet comes from.
public enum Source {
    /// The node's pod network.
    POD,
    /// The node itself, and whatever is on its network.
    NODE,
    OUTSIDE
}
