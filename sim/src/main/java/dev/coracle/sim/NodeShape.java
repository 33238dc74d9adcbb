// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Quantity;

/// The node of a simulation: its name, and what it has for pods.
public record NodeShape(String name, Quantity cpu, Quantity memory) {
    public static final NodeShape YARD =
            new NodeShape("yard", Quantity.parse("4"), Quantity.parse("8Gi"));

    static final String IP = "192.168.0.10";
}
