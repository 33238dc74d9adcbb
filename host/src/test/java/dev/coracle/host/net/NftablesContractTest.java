// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesContract;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.SourceRanges;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// In the kernel, in a network namespace of its own.
class NftablesContractTest extends PacketRulesContract {
    private static final NodeNetwork NETWORK =
            new NodeNetwork("coracle-test", "cor-test", "10.244.0.0/24", "10.96.0.0/12", true);

    private Namespace namespace;

    @BeforeEach
    void open() throws Exception {
        Namespace.assumePossible();
        namespace = Namespace.open("contract");
    }

    @AfterEach
    void close() throws Exception {
        if (namespace != null) {
            namespace.close();
        }
    }

    @Override
    protected PacketRules rules() {
        return rules(NETWORK);
    }

    private Nftables rules(NodeNetwork network) {
        return new Nftables(namespace.path(), network);
    }

    private String listing() throws Exception {
        return namespace.run("nft", "list", "ruleset");
    }

    @Test
    void removalLeavesNothing() throws Exception {
        rules().open();
        rules().apply(RuleChanges.between(RuleTable.EMPTY, everything()));

        rules().removeAll();

        assertThat(listing()).isEmpty();
    }

    @Test
    void aTableThatIsNotAsItWasLeftIsMadeAnew() throws Exception {
        var rules = rules();
        rules.open();
        rules.apply(RuleChanges.between(RuleTable.EMPTY, everything()));
        var chain = "all/default/web/tcp/http";
        namespace.run("nft", "flush", "chain", "ip", NETWORK.table(), chain);

        var found = rules.open();
        rules.apply(RuleChanges.between(found, everything()));

        assertThat(rules.open()).isEqualTo(everything());
    }

    @Test
    void sourceRangesThatSomebodyChangedAreMadeAnew() throws Exception {
        var rules = rules();
        rules.open();
        rules.apply(RuleChanges.between(RuleTable.EMPTY, everything()));
        var table = "ip " + NETWORK.table();
        var chain = NftScript.admission(SourceRanges.of(List.of("10.0.0.0/8")));
        namespace.run("nft", "flush chain %s %s".formatted(table, chain));
        namespace.run("nft", "add rule %s %s ip saddr != 10.0.0.0/9 drop".formatted(table, chain));

        assertThat(rules.open()).isEqualTo(RuleTable.EMPTY);

        rules.apply(RuleChanges.between(RuleTable.EMPTY, everything()));
        assertThat(rules.open()).isEqualTo(everything());
    }

    @Test
    void servicesThatAdmitTheSameShareAChain() throws Exception {
        rules().open();
        rules().apply(RuleChanges.between(RuleTable.EMPTY, everything()));

        // two of six have the same
        assertThat(listing().lines().filter(line -> line.contains("chain from/"))).hasSize(5);
    }

    @Test
    void aTableOfAnotherShapeIsReplaced() throws Exception {
        namespace.run("nft", "add", "table", "ip", NETWORK.table());
        namespace.run("nft", "add set ip " + NETWORK.table() + " services { type inet_service ; }");

        assertThat(rules().open()).isEqualTo(RuleTable.EMPTY);
    }

    @Test
    void nodesOnOneMachineLeaveEachOtherAlone() throws Exception {
        var other =
                new NodeNetwork(
                        "coracle-other", "cor-other", "10.244.1.0/24", "10.112.0.0/20", true);
        rules(other).open();
        rules().open();
        rules().apply(RuleChanges.between(RuleTable.EMPTY, everything()));
        rules(other).apply(RuleChanges.between(RuleTable.EMPTY, everything()));

        rules().removeAll();

        assertThat(rules(other).open()).isEqualTo(everything());
        assertThat(listing()).doesNotContain(NETWORK.table());
    }

    @Test
    void withoutABridgeOfOursTheRulesAreTheSame() throws Exception {
        var foreign = new NodeNetwork("coracle-foreign", "", "", "10.96.0.0/12", true);
        rules(foreign).open();

        rules(foreign).apply(RuleChanges.between(RuleTable.EMPTY, everything()));

        assertThat(rules(foreign).open()).isEqualTo(everything());
        assertThat(listing()).doesNotContain("oifname");
    }
}
