// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.core.net.dns.ClusterNames;
import dev.coracle.core.net.dns.DnsAnswer;
import dev.coracle.core.net.dns.DnsRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.HINFORecord;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// From the bytes of a query to those of its answer.
///
/// Names of the cluster are answered at once; for the others it says that somebody must be asked,
/// and for no more than some of them at a time. Safe for any number of threads.
///
/// Differs from upstream: a question for all types of a name outside of the cluster is not
/// forwarded, but answered as RFC 8482 proposes; and zones are not transferred from there either.
final class Responder {
    /// What fits into one packet everywhere: <https://www.rfc-editor.org/rfc/rfc9715>
    static final int UDP_BYTES = 1232;

    static final int TCP_BYTES = 65_535;
    private static final int PLAIN_UDP_BYTES = 512;
    private static final int BAD_VERSION_HIGH = Rcode.BADVERS >> 4;

    /// As kubeadm sets it for CoreDNS.
    private static final int MOST_FORWARDED = 1000;

    private static final long ANY_TTL_SECONDS = 8482;

    private final Semaphore forwarding = new Semaphore(MOST_FORWARDED);
    private final Supplier<ClusterNames> names;
    private final Resolver others;
    private final RandomGenerator random;

    Responder(Supplier<ClusterNames> names, Resolver others, RandomGenerator random) {
        this.names = names;
        this.others = others;
        this.random = random;
    }

    /// Whoever knows the names that are not the cluster's.
    interface Resolver {

        /// Asks for `question`, with DNSSEC records if `dnssec`. What cannot be had is an answer of
        /// SERVFAIL. May take some seconds.
        Message resolve(Record question, boolean dnssec);
    }

    /// A query that can be answered; `limit` is how many bytes the client takes.
    private record Query(Message message, Record question, int limit) {
        boolean dnssec() {
            var opt = message.getOPT();
            return opt != null && (opt.getFlags() & ExtendedFlags.DO) != 0;
        }
    }

    Reply respond(byte[] bytes, boolean udp) {
        Header header;
        try {
            header = new Header(bytes);
        } catch (IOException _) {
            return new Reply.Silence(); // not even a header
        }
        if (header.getFlag(Flags.QR)) {
            return new Reply.Silence(); // answering answers never ends
        }
        if (header.getOpcode() != Opcode.QUERY) {
            return refusal(header, Rcode.NOTIMP);
        }
        if (header.getCount(Section.QUESTION) != 1) {
            return refusal(header, Rcode.FORMERR);
        }
        Message query;
        try {
            query = new Message(bytes);
        } catch (IOException | RuntimeException _) { // the library throws either at odd bytes
            return refusal(header, Rcode.FORMERR);
        }
        return respond(query, udp);
    }

    private static Reply refusal(Header query, int rcode) {
        var header = new Header(query.getID());
        header.setFlag(Flags.QR);
        header.setOpcode(query.getOpcode());
        header.setRcode(rcode);
        if (query.getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        return new Reply.Now(header.toWire());
    }

    private Reply respond(Message message, boolean udp) {
        var opt = message.getOPT();
        var query =
                new Query(
                        message,
                        message.getQuestion(),
                        !udp ? TCP_BYTES : opt == null ? PLAIN_UDP_BYTES : udpLimit(opt));
        if (opt != null && opt.getVersion() != 0) {
            return now(query, reply(query, Rcode.NOERROR, BAD_VERSION_HIGH));
        }
        if (query.question.getDClass() != DClass.IN) {
            return now(query, reply(query, Rcode.REFUSED, 0));
        }
        return switch (names.get().answer(Wire.question(query.question))) {
            case DnsAnswer.Found(var records, var additional) ->
                    now(query, found(query, Wire.records(records), Wire.records(additional)));
            case DnsAnswer.NoData(var soa) -> now(query, nothing(query, Rcode.NOERROR, soa));
            case DnsAnswer.NoSuchName(var soa) -> now(query, nothing(query, Rcode.NXDOMAIN, soa));
            case DnsAnswer.Refused() -> now(query, reply(query, Rcode.REFUSED, 0));
            case DnsAnswer.Alias(var records, var target) ->
                    later(query, () -> alias(query, Wire.records(records), target));
            case DnsAnswer.Elsewhere() -> elsewhere(query);
        };
    }

    private static int udpLimit(OPTRecord opt) {
        return Math.clamp(opt.getPayloadSize(), PLAIN_UDP_BYTES, UDP_BYTES);
    }

    private Reply elsewhere(Query query) {
        return switch (query.question.getType()) {
            case Type.AXFR, Type.IXFR -> now(query, reply(query, Rcode.REFUSED, 0));
            case Type.ANY -> now(query, anything(query));
            default -> later(query, () -> forwarded(query));
        };
    }

    private static Message anything(Query query) {
        var reply = reply(query, Rcode.NOERROR, 0);
        reply.addRecord(
                new HINFORecord(
                        query.question.getName(), DClass.IN, ANY_TTL_SECONDS, "RFC8482", ""),
                Section.ANSWER);
        return reply;
    }

    private static Reply now(Query query, Message reply) {
        return new Reply.Now(Wire.bytes(reply, query.limit));
    }

    /// Whatever happens while others are asked, the client hears of it.
    private Reply later(Query query, Supplier<Message> reply) {
        if (!forwarding.tryAcquire()) {
            return now(query, reply(query, Rcode.REFUSED, 0));
        }
        return new Reply.Later(
                () -> {
                    try {
                        return Wire.bytes(reply.get(), query.limit);
                    } finally {
                        forwarding.release();
                    }
                });
    }

    private Message found(Query query, List<Record> records, List<Record> additional) {
        var reply = reply(query, Rcode.NOERROR, 0);
        reply.getHeader().setFlag(Flags.AA);
        addAnswers(reply, records);
        additional.forEach(record -> reply.addRecord(record, Section.ADDITIONAL));
        return reply;
    }

    private static Message nothing(Query query, int rcode, DnsRecord soa) {
        var reply = reply(query, rcode, 0);
        reply.getHeader().setFlag(Flags.AA);
        reply.addRecord(Wire.record(soa), Section.AUTHORITY);
        return reply;
    }

    /// As upstream: the alias is told even if its target is not known to anybody.
    private Message alias(Query query, List<Record> aliases, String target) {
        var question = Record.newRecord(Wire.name(target), query.question.getType(), DClass.IN);
        var records = new ArrayList<>(aliases);
        records.addAll(others.resolve(question, query.dnssec()).getSection(Section.ANSWER));
        return found(query, records, List.of());
    }

    /// Differs from upstream: what others answered is never told with authority; there it is when
    /// it comes from the cache.
    private Message forwarded(Query query) {
        var answer = others.resolve(query.question, query.dnssec());
        var reply = reply(query, answer.getHeader().getRcode(), 0);
        if (answer.getHeader().getFlag(Flags.AD)) {
            reply.getHeader().setFlag(Flags.AD);
        }
        addAnswers(reply, answer.getSection(Section.ANSWER));
        answer.getSection(Section.AUTHORITY)
                .forEach(record -> reply.addRecord(record, Section.AUTHORITY));
        answer.getSection(Section.ADDITIONAL).stream()
                .filter(record -> record.getType() != Type.OPT)
                .forEach(record -> reply.addRecord(record, Section.ADDITIONAL));
        return reply;
    }

    /// Addresses in any order, so that clients who take the first one spread; what leads to them
    /// comes first, in its own.
    ///
    /// <https://coredns.io/plugins/loadbalance/>
    private void addAnswers(Message reply, List<Record> records) {
        var addresses = new ArrayList<Record>();
        for (var record : records) {
            if (record.getType() == Type.A || record.getType() == Type.AAAA) {
                addresses.add(record);
            } else {
                reply.addRecord(record, Section.ANSWER);
            }
        }
        if (addresses.size() > 1) {
            Collections.shuffle(addresses, Random.from(random));
        }
        addresses.forEach(record -> reply.addRecord(record, Section.ANSWER));
    }

    /// Differs from upstream: every answer says that recursion is available, as it is; there those
    /// about the cluster's own names do not, upon which `nslookup` goes on to the next server.
    private static Message reply(Query query, int rcode, int rcodeHigh) {
        var asked = query.message.getHeader();
        var reply = new Message(asked.getID());
        var header = reply.getHeader();
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        for (int flag : new int[] {Flags.RD, Flags.CD}) {
            if (asked.getFlag(flag)) {
                header.setFlag(flag);
            }
        }
        header.setRcode(rcode);
        reply.addRecord(query.question, Section.QUESTION);
        if (query.message.getOPT() != null) {
            reply.addRecord(
                    new OPTRecord(UDP_BYTES, rcodeHigh, 0, query.dnssec() ? ExtendedFlags.DO : 0),
                    Section.ADDITIONAL);
        }
        return reply;
    }
}
