// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// Names that are not the cluster's, asked of a DNS server that others wrote.
///
/// <https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/>
@Timeout(180)
class ForwardingToARealServerTest {
    private static final String ZONE = "upstream.test";
    private static final int TTL_SECONDS = 600;
    private static final String WWW = "www.upstream.test.";
    private static final String LONG = "long.upstream.test.";

    /// More than fits into a datagram: six strings of 250.
    private static final List<String> LONG_TEXT =
            Stream.of("a", "b", "c", "d", "e", "f").map(c -> c.repeat(250)).toList();

    @TempDir Path directory;
    private final Closing closing = new Closing();
    private LocalClusterDns local;

    @BeforeEach
    void prepare() throws IOException {
        Dnsmasq.assumeInstalled();
        local = closing.add(new LocalClusterDns());
    }

    @AfterEach
    void close() {
        closing.close();
    }

    private Dnsmasq upstream() throws IOException {
        return closing.add(
                Dnsmasq.start(
                        directory,
                        ZONE,
                        TTL_SECONDS,
                        "--host-record=www.upstream.test,192.0.2.7,2001:db8::7",
                        "--host-record=mail.upstream.test,192.0.2.25",
                        "--cname=alias.upstream.test,www.upstream.test",
                        "--txt-record=long.upstream.test," + String.join(",", LONG_TEXT)));
    }

    private ClusterDns forwardingTo(Dnsmasq... servers) throws IOException {
        var resolvConf = new StringBuilder();
        for (var server : servers) {
            resolvConf.append(server.nameserver());
        }
        return local.start(LocalClusterDns.anyPort(), resolvConf.toString());
    }

    private static Message ask(ClusterDns dns, String name, int type) throws IOException {
        return LocalClusterDns.ask(dns, name, type);
    }

    /// Records without their time to live.
    private static List<String> answers(Message message) {
        return message.getSection(Section.ANSWER).stream()
                .map(
                        record ->
                                "%s %s %s"
                                        .formatted(
                                                record.getName(),
                                                Type.string(record.getType()),
                                                record.rdataToString()))
                .toList();
    }

    private static List<Long> lifetimes(Message message, int section) {
        return message.getSection(section).stream().map(Record::getTTL).toList();
    }

    private static void assertForwarded(Message answer, int rcode) {
        assertThat(answer.getRcode()).as("%s", answer).isEqualTo(rcode);
        assertThat(answer.getHeader().getFlag(Flags.RA)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.AA)).as("with authority").isFalse();
    }

    @Test
    void answersAreHandedOn() throws IOException {
        var dns = forwardingTo(upstream());

        var address = ask(dns, WWW, Type.A);
        assertForwarded(address, Rcode.NOERROR);
        assertThat(answers(address)).containsExactly(WWW + " A 192.0.2.7");
        assertThat(answers(ask(dns, WWW, Type.AAAA)))
                .containsExactly(WWW + " AAAA 2001:db8:0:0:0:0:0:7");
        assertThat(answers(ask(dns, "alias.upstream.test.", Type.A)))
                .containsExactly("alias.upstream.test. CNAME " + WWW, WWW + " A 192.0.2.7");
        assertForwarded(ask(dns, "www.elsewhere.test.", Type.A), Rcode.REFUSED);
    }

    @Test
    void anExternalNameIsFollowedToTheEnd() throws IOException {
        local.createService(
                "outside",
                """
                {"type":"ExternalName","externalName":"alias.upstream.test"}""");
        var upstream = upstream();
        var dns = forwardingTo(upstream);
        var name = "outside.default.svc.cluster.local.";

        assertThat(answers(ask(dns, name, Type.A)))
                .containsExactly(
                        name + " CNAME alias.upstream.test.",
                        "alias.upstream.test. CNAME " + WWW,
                        WWW + " A 192.0.2.7");
        assertThat(upstream.queries()).containsExactly("A alias.upstream.test");
    }

    /// Kept for half a minute at most, whatever the server allows.
    ///
    /// <https://coredns.io/plugins/cache/>
    @Test
    void answersAreRememberedForHalfAMinute() throws IOException {
        var upstream = upstream();
        var dns = forwardingTo(upstream);

        assertThat(lifetimes(ask(dns, WWW, Type.A), Section.ANSWER)).containsExactly(30L);
        local.advance(Duration.ofSeconds(10));
        var later = ask(dns, "WWW.upstream.TEST.", Type.A);

        assertThat(later.getQuestion().getName()).hasToString("WWW.upstream.TEST.");
        assertThat(lifetimes(later, Section.ANSWER))
                .singleElement()
                .satisfies(left -> assertThat(left).isBetween(1L, 20L));
        assertThat(upstream.queries()).containsExactly("A www.upstream.test");

        local.advance(Duration.ofSeconds(20));
        assertThat(lifetimes(ask(dns, WWW, Type.A), Section.ANSWER)).containsExactly(30L);
        assertThat(upstream.queries())
                .containsExactly("A www.upstream.test", "A www.upstream.test");
    }

    /// <https://www.rfc-editor.org/rfc/rfc2308#section-5>
    @Test
    void denialsAreRememberedAsTheirSoaAllows() throws IOException {
        var upstream = upstream();
        var dns = forwardingTo(upstream);

        for (int time = 1; time <= 3; time++) {
            var missing = ask(dns, "nothing.upstream.test.", Type.A);
            assertForwarded(missing, Rcode.NXDOMAIN);
            assertThat(missing.getSection(Section.AUTHORITY))
                    .extracting(Record::getType)
                    .containsExactly(Type.SOA);
            assertThat(lifetimes(missing, Section.AUTHORITY)).allMatch(ttl -> ttl <= 30);

            var noData = ask(dns, WWW, Type.MX);
            assertForwarded(noData, Rcode.NOERROR);
            assertThat(noData.getSection(Section.ANSWER)).isEmpty();
            assertThat(noData.getSection(Section.AUTHORITY))
                    .extracting(Record::getType)
                    .containsExactly(Type.SOA);
        }
        assertThat(upstream.queries())
                .containsExactly("A nothing.upstream.test", "MX www.upstream.test");

        local.advance(Duration.ofSeconds(30));
        assertForwarded(ask(dns, "nothing.upstream.test.", Type.A), Rcode.NXDOMAIN);
        assertThat(upstream.queries()).hasSize(3);
    }

    @Test
    void whatTheServerTruncatesIsAskedAgainOverTcp() throws IOException {
        var upstream = upstream();
        var dns = forwardingTo(upstream);

        var cut = LocalClusterDns.askOnce(dns, LONG, Type.TXT);
        assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
        var whole = ask(dns, LONG, Type.TXT);

        assertForwarded(whole, Rcode.NOERROR);
        assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(answers(whole)).containsExactly(LONG + " TXT " + String.join(" ", LONG_TEXT));
        assertThat(upstream.queries())
                .as("over UDP, then over TCP, then from memory")
                .containsExactly("TXT long.upstream.test", "TXT long.upstream.test");
    }

    @Test
    void aServerThatRefusesIsPassedOver() throws IOException {
        var first = upstream();
        var second =
                closing.add(
                        Dnsmasq.start(
                                directory,
                                "elsewhere.test",
                                TTL_SECONDS,
                                "--host-record=www.elsewhere.test,192.0.2.8"));
        var dns = forwardingTo(first, second);

        assertThat(answers(ask(dns, "www.elsewhere.test.", Type.A)))
                .containsExactly("www.elsewhere.test. A 192.0.2.8");
        assertThat(first.queries()).containsExactly("A www.elsewhere.test");
        assertThat(second.queries()).containsExactly("A www.elsewhere.test");
    }

    @Test
    void whereNobodyListensTheNextServerIsAsked() throws IOException {
        var first = upstream();
        var second = upstream();
        var dns = forwardingTo(first, second);
        assertThat(ask(dns, WWW, Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(second.queries()).isEmpty();

        first.stop();
        assertThat(answers(ask(dns, "mail.upstream.test.", Type.A)))
                .containsExactly("mail.upstream.test. A 192.0.2.25");
        assertThat(second.queries()).containsExactly("A mail.upstream.test");
    }

    @Test
    void whereNobodyAnswersTheNextServerIsAskedAndKept() throws IOException {
        var first = upstream();
        var second = upstream();
        var dns = forwardingTo(first, second);
        first.freeze();

        assertThat(answers(ask(dns, WWW, Type.A))).containsExactly(WWW + " A 192.0.2.7");
        assertThat(second.queries()).containsExactly("A www.upstream.test");

        first.thaw();
        Kubectl.await("what waited is read", first::queries, queries -> !queries.isEmpty());
        ask(dns, "mail.upstream.test.", Type.A);
        assertThat(first.queries()).containsExactly("A www.upstream.test");
        assertThat(second.queries()).containsExactly("A www.upstream.test", "A mail.upstream.test");
    }

    @Test
    void whenTheOnlyServerIsAwayLookupsFailUntilItIsBack() throws IOException {
        var upstream = upstream();
        var dns = forwardingTo(upstream);
        upstream.stop();

        assertForwarded(ask(dns, WWW, Type.A), Rcode.SERVFAIL);

        upstream.start();
        assertThat(ask(dns, "mail.upstream.test.", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
        local.advance(Duration.ofSeconds(5));
        assertThat(answers(ask(dns, WWW, Type.A))).containsExactly(WWW + " A 192.0.2.7");
    }

    /// Nobody waits for longer than clients do, which is five seconds by default, and whoever waits
    /// keeps nobody else waiting.
    ///
    /// <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>
    @Test
    void whenTheOnlyServerIsSilentLookupsFailInTime() throws Exception {
        local.createService(
                "web",
                """
                {"clusterIP":"10.96.3.4","ports":[{"port":80}]}""");
        var upstream = upstream();
        var dns = forwardingTo(upstream);
        upstream.freeze();

        var waiting = new ArrayList<FutureTask<Message>>();
        for (var name : List.of(WWW, "mail.upstream.test.")) {
            var task = new FutureTask<>(() -> ask(dns, name, Type.A));
            Thread.ofVirtual().start(task);
            waiting.add(task);
        }
        assertThat(ask(dns, "web.default.svc.cluster.local.", Type.A).getRcode())
                .isEqualTo(Rcode.NOERROR);
        assertThat(waiting).noneMatch(FutureTask::isDone);
        for (var task : waiting) {
            assertForwarded(task.get(), Rcode.SERVFAIL);
        }

        upstream.thaw();
        assertForwarded(ask(dns, "mail.upstream.test.", Type.A), Rcode.SERVFAIL); // remembered
        local.advance(Duration.ofSeconds(5));
        assertThat(answers(ask(dns, WWW, Type.A))).containsExactly(WWW + " A 192.0.2.7");
    }
}
