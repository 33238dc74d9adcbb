// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.core.net.dns.DnsQuestion;
import dev.coracle.core.net.dns.DnsRecord;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// From records that were decided to those of the library, and to bytes.
final class Wire {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);
    private static final int CLASS_AND_TYPE_BYTES = 4;

    private Wire() {}

    /// `message` as TCP carries it, its length in front.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2>
    static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(Short.BYTES + message.length)
                .putShort((short) message.length)
                .put(message)
                .array();
    }

    /// The next message that TCP carries.
    static byte[] readFramed(DataInputStream input) throws IOException {
        var message = new byte[input.readUnsignedShort()];
        input.readFully(message);
        return message;
    }

    static DnsQuestion question(Record question) {
        return new DnsQuestion(question.getName().toString(), type(question.getType()));
    }

    private static DnsQuestion.Type type(int type) {
        return switch (type) {
            case Type.A -> DnsQuestion.Type.A;
            case Type.AAAA -> DnsQuestion.Type.AAAA;
            case Type.SRV -> DnsQuestion.Type.SRV;
            case Type.PTR -> DnsQuestion.Type.PTR;
            case Type.CNAME -> DnsQuestion.Type.CNAME;
            case Type.TXT -> DnsQuestion.Type.TXT;
            case Type.NS -> DnsQuestion.Type.NS;
            case Type.SOA -> DnsQuestion.Type.SOA;
            case Type.AXFR, Type.IXFR -> DnsQuestion.Type.TRANSFER;
            default -> DnsQuestion.Type.OTHER;
        };
    }

    static List<Record> records(List<DnsRecord> records) {
        var result = new ArrayList<Record>(records.size());
        for (var record : records) {
            result.add(record(record));
        }
        return result;
    }

    static Record record(DnsRecord record) {
        var owner = name(record.owner());
        long ttl = record.ttlSeconds();
        return switch (record.data()) {
            case DnsRecord.Address(var address) ->
                    address.v6()
                            ? new AAAARecord(owner, DClass.IN, ttl, address.bytes())
                            : new ARecord(owner, DClass.IN, ttl, address.bytes());
            case DnsRecord.Srv(int priority, int weight, int port, var target) ->
                    new SRVRecord(owner, DClass.IN, ttl, priority, weight, port, name(target));
            case DnsRecord.Ptr(var target) -> new PTRRecord(owner, DClass.IN, ttl, name(target));
            case DnsRecord.Cname(var target) ->
                    new CNAMERecord(owner, DClass.IN, ttl, name(target));
            case DnsRecord.Ns(var target) -> new NSRecord(owner, DClass.IN, ttl, name(target));
            case DnsRecord.Txt(var text) -> new TXTRecord(owner, DClass.IN, ttl, text);
            case DnsRecord.Soa soa ->
                    new SOARecord(
                            owner,
                            DClass.IN,
                            ttl,
                            name(soa.server()),
                            name(soa.mailbox()),
                            soa.serial(),
                            soa.refresh(),
                            soa.retry(),
                            soa.expire(),
                            soa.minimum());
        };
    }

    /// @throws IllegalStateException if it is none: those of the cluster were validated before
    static Name name(String text) {
        try {
            return new Name(text);
        } catch (TextParseException e) {
            throw new IllegalStateException("\"" + text + "\" is not a name", e);
        }
    }

    /// `record` with another time to live, in seconds; one that others sent and that the library
    /// cannot read again keeps its own.
    static Record withTtl(Record record, long ttl) {
        var bytes = record.toWire(Section.ANSWER);
        int at = record.getName().length() + CLASS_AND_TYPE_BYTES;
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[at + i] = (byte) (ttl >> (Integer.SIZE - Byte.SIZE * (i + 1)));
        }
        try {
            return Record.fromWire(bytes, Section.ANSWER);
        } catch (IOException e) {
            LOG.debug("{} cannot be read again: {}", record, e.toString());
            return record;
        }
    }

    /// The bytes of `message`, no more than `limit`: what clients would ask next is left out first,
    /// then records from the end of the answer, and then the message says that it is truncated.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc2181#section-9>
    static byte[] bytes(Message message, int limit) {
        var bytes = message.toWire();
        if (bytes.length <= limit) {
            return bytes;
        }
        for (var record : List.copyOf(message.getSection(Section.ADDITIONAL))) {
            if (record.getType() != Type.OPT) {
                message.removeRecord(record, Section.ADDITIONAL);
            }
        }
        bytes = message.toWire();
        return bytes.length <= limit ? bytes : truncated(message, limit);
    }

    private static byte[] truncated(Message message, int limit) {
        var answers = List.copyOf(message.getSection(Section.ANSWER));
        message.removeAllRecords(Section.AUTHORITY);
        message.getHeader().setFlag(Flags.TC);
        int fits = 0;
        int tooMany = answers.size() + 1;
        while (tooMany - fits > 1) {
            int tried = (fits + tooMany) / 2;
            if (withAnswers(message, answers.subList(0, tried)).length <= limit) {
                fits = tried;
            } else {
                tooMany = tried;
            }
        }
        return withAnswers(message, answers.subList(0, fits));
    }

    private static byte[] withAnswers(Message message, List<Record> answers) {
        message.removeAllRecords(Section.ANSWER);
        answers.forEach(record -> message.addRecord(record, Section.ANSWER));
        return message.toWire();
    }
}
