// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import static dev.coracle.host.dns.FakeUpstream.answer;
import static dev.coracle.host.dns.FakeUpstream.denied;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class AnswerCacheTest {
    private final List<String> asked = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private Function<Message, Message> others =
            query -> answer(query, Rcode.NOERROR, "60 A 192.0.2.1");

    private AnswerCache cache(int most) {
        return new AnswerCache(
                (question, dnssec) -> {
                    asked.add(question.getName() + (dnssec ? " dnssec" : ""));
                    return others.apply(Message.newQuery(question));
                },
                () -> now,
                most);
    }

    private static Record question(String name) {
        return Record.newRecord(Wire.name(name), Type.A, DClass.IN);
    }

    private static List<Long> ttls(Message answer) {
        return answer.getSection(Section.ANSWER).stream().map(Record::getTTL).toList();
    }

    /// How long an answer is remembered, in seconds.
    private int kept(Function<Message, Message> answers) {
        others = answers;
        asked.clear();
        var cache = cache(10);
        var start = now;
        cache.resolve(question("www.example."), false);
        cache.resolve(question("www.example."), false);
        while (asked.size() < 2) {
            now = now.plusSeconds(1);
            cache.resolve(question("www.example."), false);
        }
        return (int) Duration.between(start, now).toSeconds();
    }

    @Test
    void answersAgeAndAreAskedForAnewAfterHalfAMinute() {
        var cache = cache(10);

        assertThat(ttls(cache.resolve(question("www.example."), false))).containsExactly(30L);
        now = now.plusSeconds(29);
        assertThat(ttls(cache.resolve(question("WWW.example."), false))).containsExactly(1L);
        assertThat(asked).containsExactly("www.example.");
        now = now.plusSeconds(1);
        assertThat(ttls(cache.resolve(question("www.example."), false))).containsExactly(30L);
        assertThat(asked).hasSize(2);
    }

    @Test
    void howLongDependsOnWhatWasSaid() {
        assertThat(kept(query -> answer(query, Rcode.NOERROR, "60 A 192.0.2.1"))).isEqualTo(30);
        assertThat(kept(query -> answer(query, Rcode.NOERROR, "60 A 192.0.2.1", "12 A 192.0.2.2")))
                .isEqualTo(12);
        assertThat(kept(query -> answer(query, Rcode.NOERROR, "0 A 192.0.2.1"))).isEqualTo(5);
        assertThat(kept(query -> denied(answer(query, Rcode.NXDOMAIN), 600, 20))).isEqualTo(20);
        assertThat(kept(query -> denied(answer(query, Rcode.NXDOMAIN), 7, 600))).isEqualTo(7);
        assertThat(kept(query -> denied(answer(query, Rcode.NOERROR), 600, 600))).isEqualTo(30);
        assertThat(kept(query -> answer(query, Rcode.NXDOMAIN))).as("no SOA").isZero();
        assertThat(kept(query -> answer(query, Rcode.SERVFAIL))).isEqualTo(5);
        assertThat(kept(query -> answer(query, Rcode.REFUSED))).isZero();
        assertThat(
                        kept(
                                query -> {
                                    var answer = answer(query, Rcode.NOERROR, "60 A 192.0.2.1");
                                    answer.getHeader().setFlag(Flags.TC);
                                    return answer;
                                }))
                .as("truncated")
                .isZero();
    }

    @Test
    void whoWantsSignaturesIsAnsweredApart() {
        var cache = cache(10);

        cache.resolve(question("www.example."), false);
        cache.resolve(question("www.example."), true);
        cache.resolve(question("www.example."), true);

        assertThat(asked).containsExactly("www.example.", "www.example. dnssec");
    }

    @Test
    void whatWasNotUsedForLongestGoesWhenItIsFull() {
        var cache = cache(2);

        cache.resolve(question("a."), false);
        cache.resolve(question("b."), false);
        cache.resolve(question("a."), false);
        cache.resolve(question("c."), false);
        cache.resolve(question("a."), false);
        assertThat(cache.size()).isEqualTo(2);
        cache.resolve(question("b."), false);

        assertThat(asked).containsExactly("a.", "b.", "c.", "b.");
    }
}
