// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import static dev.coracle.host.dns.FakeUpstream.answer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.host.loop.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class ForwarderTest {
    private static final Record QUESTION =
            Record.newRecord(Wire.name("www.example."), Type.A, DClass.IN);

    private final Closing closing = new Closing();

    @AfterEach
    void close() {
        closing.close();
    }

    private FakeUpstream upstream(BiFunction<Message, Boolean, byte[]> answers) throws IOException {
        return closing.add(new FakeUpstream(answers));
    }

    private static Forwarder forwarder(Duration patience, FakeUpstream... upstreams) {
        return new Forwarder(
                Arrays.stream(upstreams).map(FakeUpstream::address).toList(),
                RandomGenerator.of("SecureRandom"),
                InstantSource.system(),
                patience);
    }

    private static String answers(Message message) {
        return message.getSection(Section.ANSWER).stream().map(Record::rdataToString).toList()
                + " "
                + Rcode.string(message.getHeader().getRcode());
    }

    @Test
    void anAnswerIsHandedOn() throws IOException {
        var up = upstream((query, _) -> answer(query, Rcode.NOERROR, "60 A 192.0.2.1").toWire());

        assertThat(answers(forwarder(Duration.ofSeconds(20), up).resolve(QUESTION, false)))
                .isEqualTo("[192.0.2.1] NOERROR");
        assertThat(up.udpQueries).hasValue(1);
    }

    @Test
    void whatWasTruncatedIsAskedAgainOverTcp() throws IOException {
        var up =
                upstream(
                        (query, udp) -> {
                            var answer = answer(query, Rcode.NOERROR, "60 A 192.0.2.1");
                            if (udp) {
                                answer.removeAllRecords(Section.ANSWER);
                                answer.getHeader().setFlag(Flags.TC);
                            }
                            return answer.toWire();
                        });

        assertThat(answers(forwarder(Duration.ofSeconds(20), up).resolve(QUESTION, false)))
                .isEqualTo("[192.0.2.1] NOERROR");
        assertThat(up.tcpQueries).hasValue(1);
    }

    @Test
    void aResolverThatIsSilentIsPassedOverAndNotAskedFirstAgain() throws IOException {
        var silent = upstream((_, _) -> null);
        var up = upstream((query, _) -> answer(query, Rcode.NOERROR, "60 A 192.0.2.1").toWire());
        var forwarder = forwarder(Duration.ofSeconds(2), silent, up);

        assertThat(answers(forwarder.resolve(QUESTION, false))).isEqualTo("[192.0.2.1] NOERROR");
        assertThat(answers(forwarder.resolve(QUESTION, false))).isEqualTo("[192.0.2.1] NOERROR");
        assertThat(silent.udpQueries).hasValue(1);
    }

    @Test
    void aResolverThatCannotIsPassedOver() throws IOException {
        var refusing = upstream((query, _) -> answer(query, Rcode.REFUSED).toWire());
        var failing = upstream((query, _) -> answer(query, Rcode.SERVFAIL).toWire());
        var up = upstream((query, _) -> answer(query, Rcode.NXDOMAIN, "60 A 192.0.2.1").toWire());

        assertThat(
                        answers(
                                forwarder(Duration.ofSeconds(20), refusing, failing, up)
                                        .resolve(QUESTION, false)))
                .isEqualTo("[192.0.2.1] NXDOMAIN");
    }

    @Test
    void whenNobodyAnswersTheLookupFails() throws IOException {
        var silent = upstream((_, _) -> null);
        var gone = upstream((_, _) -> null);
        gone.close();

        assertThat(
                        answers(
                                forwarder(Duration.ofMillis(400), silent, gone)
                                        .resolve(QUESTION, false)))
                .isEqualTo("[] SERVFAIL");
        assertThat(answers(forwarder(Duration.ofSeconds(20)).resolve(QUESTION, false)))
                .isEqualTo("[] SERVFAIL");
    }

    @Test
    void answersToOtherQuestionsAreNotListenedTo() throws IOException {
        for (var forged : List.of("identifier", "name", "no answer", "garbage")) {
            var up =
                    upstream(
                            (query, _) -> {
                                var answer = answer(query, Rcode.NOERROR, "60 A 192.0.2.66");
                                switch (forged) {
                                    case "identifier" ->
                                            answer.getHeader().setID(query.getHeader().getID() ^ 1);
                                    case "name" -> {
                                        answer.removeAllRecords(Section.QUESTION);
                                        answer.addRecord(
                                                Record.newRecord(
                                                        Wire.name("other."), Type.A, DClass.IN),
                                                Section.QUESTION);
                                    }
                                    case "no answer" -> answer.getHeader().unsetFlag(Flags.QR);
                                    default -> {
                                        return new byte[] {1, 2, 3};
                                    }
                                }
                                return answer.toWire();
                            });

            assertThat(answers(forwarder(Duration.ofMillis(200), up).resolve(QUESTION, false)))
                    .as(forged)
                    .isEqualTo("[] SERVFAIL");
        }
    }

    @Test
    void theNodesResolversAreThoseOfItsFileWithoutItself() {
        var text =
                """
                # nameserver 192.0.2.9
                search example.org
                nameserver 192.0.2.1
                nameserver   10.96.0.10
                nameserver 0.0.0.0
                nameserver nonsense
                nameserver fd00::1
                nameserver 192.0.2.1
                nameserver
                """;

        assertThat(Forwarder.resolvers(text, Set.of(InetAddress.ofLiteral("10.96.0.10"))))
                .containsExactly(
                        new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 53),
                        new InetSocketAddress(InetAddress.ofLiteral("fd00::1"), 53));
    }
}
