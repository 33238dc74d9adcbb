// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/// Asks the node's own resolvers, in their order, and goes on with the one that answered.
///
/// One that does not answer, or cannot, is passed over for the next; when none has after
/// [#PATIENCE], the answer is SERVFAIL.
///
/// <https://coredns.io/plugins/forward/>
public final class Forwarder implements Responder.Resolver {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final int DNS_PORT = 53;

    /// No longer than clients wait.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<Upstream> upstreams;
    private final InstantSource clock;
    private final Duration patience;
    private volatile int preferred;

    public Forwarder(
            List<InetSocketAddress> resolvers, RandomGenerator random, InstantSource clock) {
        this(resolvers, random, clock, PATIENCE);
    }

    Forwarder(
            List<InetSocketAddress> resolvers,
            RandomGenerator random,
            InstantSource clock,
            Duration patience) {
        this.upstreams =
                resolvers.stream().map(address -> new Upstream(address, random, clock)).toList();
        this.clock = clock;
        this.patience = patience;
    }

    /// The name servers that the text of a `resolv.conf` names, but for those whose addresses are
    /// in `own`: what forwards to itself never answers.
    ///
    /// <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>
    public static List<InetSocketAddress> resolvers(String resolvConf, Set<InetAddress> own) {
        return resolvConf
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .flatMap(words -> address(words[1]).stream())
                .filter(address -> !own.contains(address) && !address.isAnyLocalAddress())
                .distinct()
                .map(address -> new InetSocketAddress(address, DNS_PORT))
                .toList();
    }

    private static List<InetAddress> address(String text) {
        try {
            return List.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException _) {
            return List.of(); // as the system's own resolver: a line that it cannot read is none
        }
    }

    /// Every resolver gets its share of what patience is left, twice if there is time.
    @Override
    public Message resolve(Record question, boolean dnssec) {
        var until = clock.instant().plus(patience);
        var share = patience.dividedBy(2L * Math.max(1, upstreams.size()));
        var last = failure(question);
        int first = preferred;
        for (int i = 0; i < 2 * upstreams.size() && clock.instant().isBefore(until); i++) {
            int at = (first + i) % upstreams.size();
            try {
                var answer = upstreams.get(at).ask(question, dnssec, share);
                if (isUseful(answer)) {
                    preferred = at;
                    return answer;
                }
                last = answer;
            } catch (IOException e) {
                LOG.debug("{} about {}: {}", upstreams.get(at).address(), question, e.toString());
            }
        }
        return last;
    }

    private static boolean isUseful(Message answer) {
        int rcode = answer.getHeader().getRcode();
        return rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN;
    }

    static Message failure(Record question) {
        var message = new Message();
        message.addRecord(question, Section.QUESTION);
        message.getHeader().setRcode(Rcode.SERVFAIL);
        return message;
    }
}
