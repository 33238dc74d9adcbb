// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// Remembers what others answered for as long as they allow, but never longer than half a minute
/// nor shorter than five seconds; and that they failed, for those five.
///
/// A denial is kept as its SOA says, and not at all without one. When it is full, what was not used
/// for longest goes.
///
/// <https://coredns.io/plugins/cache/> with kubeadm's `cache 30`,
/// <https://www.rfc-editor.org/rfc/rfc2308#section-5>
public final class AnswerCache implements Responder.Resolver {
    private static final int MOST_ANSWERS = 10_000;
    private static final long LONGEST_SECONDS = 30;
    private static final long SHORTEST_SECONDS = 5;
    private static final int[] SECTIONS = {Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL};

    private final LinkedHashMap<Key, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Responder.Resolver others;
    private final InstantSource clock;
    private final int most;

    /// Names are equal whatever their case.
    private record Key(Name name, int type, boolean dnssec) {}

    private record Kept(Message answer, Instant until) {}

    public AnswerCache(Forwarder others, InstantSource clock) {
        this(others, clock, MOST_ANSWERS);
    }

    AnswerCache(Responder.Resolver others, InstantSource clock, int most) {
        this.others = others;
        this.clock = clock;
        this.most = most;
    }

    @Override
    public Message resolve(Record question, boolean dnssec) {
        var key = new Key(question.getName(), question.getType(), dnssec);
        var known = known(key);
        if (known != null) {
            return known;
        }
        var answer = others.resolve(question, dnssec);
        long seconds = seconds(answer);
        if (seconds > 0) {
            keep(key, new Kept(answer, clock.instant().plusSeconds(seconds)));
            return noLongerThan(answer, seconds);
        }
        return answer;
    }

    private @Nullable Message known(Key key) {
        var now = clock.instant();
        Kept found;
        synchronized (kept) {
            found = kept.get(key);
            if (found == null) {
                return null;
            }
            if (!now.isBefore(found.until)) {
                kept.remove(key);
                return null;
            }
        }
        return noLongerThan(found.answer, Duration.between(now, found.until).toSeconds());
    }

    private void keep(Key key, Kept answer) {
        synchronized (kept) {
            kept.put(key, answer);
            if (kept.size() > most) {
                kept.pollFirstEntry();
            }
        }
    }

    int size() {
        synchronized (kept) {
            return kept.size();
        }
    }

    /// How long `answer` may be kept, 0 for not at all.
    private static long seconds(Message answer) {
        return switch (answer.getHeader().getRcode()) {
            case Rcode.SERVFAIL -> SHORTEST_SECONDS;
            case Rcode.NXDOMAIN -> denial(answer);
            case Rcode.NOERROR ->
                    answer.getHeader().getFlag(Flags.TC)
                            ? 0
                            : hasAnswer(answer) ? shortest(answer) : denial(answer);
            default -> 0;
        };
    }

    private static boolean hasAnswer(Message answer) {
        var question = answer.getQuestion();
        return answer.getSection(Section.ANSWER).stream()
                .anyMatch(
                        record ->
                                record.getType() == question.getType()
                                        || record.getType() == Type.CNAME);
    }

    private static long denial(Message answer) {
        for (var record : answer.getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa) {
                return bounded(Math.min(soa.getTTL(), soa.getMinimum()));
            }
        }
        return 0;
    }

    private static long shortest(Message answer) {
        long shortest = LONGEST_SECONDS;
        for (int section : SECTIONS) {
            for (var record : answer.getSection(section)) {
                if (record.getType() != Type.OPT) {
                    shortest = Math.min(shortest, record.getTTL());
                }
            }
        }
        return bounded(shortest);
    }

    private static long bounded(long seconds) {
        return Math.clamp(seconds, SHORTEST_SECONDS, LONGEST_SECONDS);
    }

    /// `answer` with no record that lives longer than `seconds`.
    private static Message noLongerThan(Message answer, long seconds) {
        var result = new Message(answer.getHeader().getID());
        result.setHeader(flags(answer));
        result.addRecord(answer.getQuestion(), Section.QUESTION);
        for (int section : SECTIONS) {
            for (var record : answer.getSection(section)) {
                boolean longer = record.getType() != Type.OPT && record.getTTL() > seconds;
                result.addRecord(longer ? Wire.withTtl(record, seconds) : record, section);
            }
        }
        return result;
    }

    private static Header flags(Message answer) {
        var header = new Header(answer.getHeader().getID());
        header.setRcode(answer.getHeader().getRcode());
        for (int flag : new int[] {Flags.QR, Flags.AA, Flags.RD, Flags.RA, Flags.AD}) {
            if (answer.getHeader().getFlag(flag)) {
                header.setFlag(flag);
            }
        }
        return header;
    }
}
