// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

/// Port: the packet rules of one node. Real: a table of nftables in the kernel. Pretended: a table
/// in memory.
///
/// For one thread at a time.
public interface PacketRules {

    /// Makes sure that there is something to apply changes to and returns what is there: an empty
    /// table at first, else what an earlier process left. Rules that are nobody's are gone then.
    ///
    /// @throws PacketRulesException if the rules cannot be read or written
    RuleTable open();

    /// Makes `changes` at one moment, or none of them.
    ///
    /// @throws PacketRulesException if they cannot be made, for instance because `before` is not
    ///     what is there
    void apply(RuleChanges changes);

    /// Forgets the flows of UDP that are stale.
    ///
    /// @throws PacketRulesException if flows cannot be read or forgotten
    void forget(StaleFlows flows);

    /// Takes away everything that [#open] and [#apply] made; nothing to do is fine.
    ///
    /// @throws PacketRulesException if something stays
    void removeAll();
}
