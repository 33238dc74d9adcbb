// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesContract;

class RulesInMemoryTest extends PacketRulesContract {
    private final PacketRules rules = new RulesInMemory();

    @Override
    protected PacketRules rules() {
        return rules;
    }
}
