// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class ClusterDnsTest {
    /// Of the node whose names it serves.
    private static final String RESOLV_CONF = "nameserver 10.96.0.10\nnameserver 127.0.0.1\n";

    private final LocalClusterDns local = new LocalClusterDns();

    @AfterEach
    void close() {
        local.close();
    }

    @Test
    void servicesOfTheApiHaveNames() throws IOException {
        local.createService(
                "web",
                """
                {"clusterIP":"10.96.3.4","ports":[{"port":80}]}""");
        var dns = local.start(LocalClusterDns.anyPort(), RESOLV_CONF);

        var answer = LocalClusterDns.ask(dns, "web.default.svc.cluster.local.", Type.A);

        assertThat(answer.getSection(Section.ANSWER))
                .extracting(Record::rdataToString)
                .containsExactly("10.96.3.4");
    }

    @Test
    void itDoesNotForwardToItself() throws IOException {
        var dns = local.start(LocalClusterDns.anyPort(), RESOLV_CONF);

        assertThat(LocalClusterDns.ask(dns, "www.example.", Type.A).getRcode())
                .isEqualTo(Rcode.SERVFAIL);
    }

    @Test
    void anAddressThatIsTakenIsNamed() throws IOException {
        var first = local.start(LocalClusterDns.anyPort(), RESOLV_CONF);

        assertThatThrownBy(() -> local.start(first.address(), RESOLV_CONF))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot serve DNS at ")
                .hasMessageContaining(Integer.toString(first.address().getPort()));
    }
}
