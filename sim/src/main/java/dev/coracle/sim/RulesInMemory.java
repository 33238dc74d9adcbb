// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesException;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.StaleFlows;

/// Packet rules that no packet meets. Like the kernel's they outlive who wrote them.
public final class RulesInMemory implements PacketRules {
    private boolean opened;
    private volatile RuleTable table = RuleTable.EMPTY;

    @Override
    public RuleTable open() {
        opened = true;
        return table;
    }

    @Override
    public void apply(RuleChanges changes) {
        if (changes.isEmpty()) {
            return;
        }
        if (!opened || !changes.before().equals(table)) {
            throw new PacketRulesException("the rules are not those that are to be changed");
        }
        table = changes.after();
    }

    @Override
    public void forget(StaleFlows stale) {
        // no packet, no flow
    }

    @Override
    public void removeAll() {
        table = RuleTable.EMPTY;
        opened = false;
    }

    /// What packets would meet now.
    public RuleTable table() {
        return table;
    }
}
