// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.ip.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/// Answers questions about the cluster's names, as CoreDNS does with the configuration that kubeadm
/// gives it.
///
/// For a service `web` in `default` and the domain `cluster.local`:
///
///     web.default.svc.cluster.local              its addresses; those of its endpoints when it is
///                                                headless; or an alias
///     _http._tcp.web.default.svc.cluster.local   SRV of its port named http
///     10-244-0-5.web.default.svc.cluster.local   one of its endpoints; by hostname if it has one
///     10-244-0-5.default.pod.cluster.local       that address, whether or not a pod has it
///     10.0.96.10.in-addr.arpa                    back to the name
///
/// A name that exists without the type of record that was asked for is [DnsAnswer.NoData]; one that
/// does not exist is [DnsAnswer.NoSuchName]. `serial` is that of the zone: it grows when `index`
/// changes.
///
/// <https://github.com/kubernetes/dns/blob/master/docs/specification.md>,
/// <https://coredns.io/plugins/kubernetes/>,
/// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
public record ClusterNames(DnsIndex index, ClusterZone zone, long serial) {
    /// What kubeadm sets; CoreDNS alone would say 5.
    private static final long TTL_SECONDS = 30;

    private static final String SCHEMA_VERSION = "1.1.0";
    private static final long SCHEMA_TTL_SECONDS = 28_800;
    private static final long SERIALS = 1L << Integer.SIZE;
    private static final int LONGEST_CHAIN = 10;
    private static final int LONGEST_NAME = 253;
    private static final int ALL_WEIGHT = 100;

    /// Something that a name leads to; `name` is where an SRV record points to.
    private sealed interface Hit {}

    private record Address(String name, IpAddress address, int port) implements Hit {}

    private record ExternalName(String target) implements Hit {}

    /// What is asked, taken apart: `lower` is the name in lower case and `apex` the part of it that
    /// is the cluster's domain, in the client's own case.
    private record Asked(DnsQuestion question, String lower, String apex) {
        /// What is left of the domain, without the dot between them; empty for the domain itself.
        String below() {
            return lower.substring(0, Math.max(0, lower.length() - apex.length() - 1));
        }
    }

    public DnsAnswer answer(DnsQuestion question) {
        var lower = question.name().toLowerCase(Locale.ROOT);
        if (isOurs(lower)) {
            return answerOurs(asked(question.name(), question.type()));
        }
        return ReverseNames.address(lower)
                .map(address -> reverse(question, address))
                .orElseGet(DnsAnswer.Elsewhere::new);
    }

    private boolean isOurs(String lower) {
        var domain = zone.domain();
        int start = lower.length() - domain.length() - 1;
        return lower.startsWith(domain, start)
                && (start == 0 || (start > 0 && lower.charAt(start - 1) == '.'));
    }

    private Asked asked(String name, DnsQuestion.Type type) {
        return new Asked(
                new DnsQuestion(name, type),
                name.toLowerCase(Locale.ROOT),
                name.substring(name.length() - zone.domain().length() - 1));
    }

    private DnsAnswer answerOurs(Asked asked) {
        var hits = hits(asked);
        return switch (asked.question.type()) {
            case A -> addresses(asked, hits, false);
            case AAAA -> addresses(asked, hits, true);
            case SRV -> hits.map(found -> services(asked, found)).orElseGet(() -> missing(asked));
            case CNAME -> alias(asked, hits);
            case TXT -> text(asked, hits);
            case NS -> asked.below().isEmpty() ? nameServer(asked) : nothing(asked, hits);
            case SOA -> authority(asked);
            case TRANSFER -> new DnsAnswer.Refused();
            case PTR, OTHER -> nothing(asked, hits);
        };
    }

    /// Empty: there is no such name. An empty list: there is, without anything.
    private Optional<List<Hit>> hits(Asked asked) {
        var below = asked.below();
        if (below.isEmpty() || below.equals("svc") || below.equals("pod")) {
            return Optional.of(List.of());
        }
        if (below.equals("ns.dns")) {
            return Optional.of(
                    List.of(new Address(serverName(asked), zone.server(), DnsIndex.NO_PORT)));
        }
        if (below.indexOf('\\') >= 0) { // a dot or worse within a label
            return Optional.empty();
        }
        var labels = List.of(below.split("\\.", -1)).reversed();
        if (labels.size() < 2 || index.namespaces().get(labels.get(1)) == null) {
            return Optional.empty();
        }
        return switch (labels.getFirst()) {
            case "svc" -> serviceHits(asked, labels);
            case "pod" -> podHits(asked, labels);
            default -> Optional.empty();
        };
    }

    /// Labels from the right: `svc`, namespace, service, and then either an endpoint or a protocol
    /// and a port.
    private Optional<List<Hit>> serviceHits(Asked asked, List<String> labels) {
        if (labels.size() == 2) {
            return Optional.of(List.of());
        }
        var service = index.services().get(new ObjectKey(labels.get(1), labels.get(2)));
        if (service == null) {
            return Optional.empty();
        }
        return switch (labels.size()) {
            case 3 -> whole(asked, service, _ -> true, _ -> true);
            case 4 -> {
                var hostname = labels.get(3);
                yield service.externalName().isEmpty()
                        ? endpointHits(
                                asked, service, e -> e.hostname().equals(hostname), _ -> true)
                        : Optional.empty();
            }
            case 5 -> {
                var protocol = withoutUnderscore(labels.get(3));
                var name = withoutUnderscore(labels.get(4));
                yield service.externalName().isEmpty()
                        ? whole(
                                asked,
                                service,
                                _ -> true,
                                port ->
                                        (name.isEmpty() || name.equals(port.name()))
                                                && (protocol.isEmpty()
                                                        || protocol.equals(port.protocol())))
                        : Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private static String withoutUnderscore(String label) {
        return label.startsWith("_") ? label.substring(1) : label;
    }

    private Optional<List<Hit>> whole(
            Asked asked,
            DnsIndex.Named service,
            Predicate<DnsIndex.Endpoint> chosen,
            Predicate<DnsIndex.Port> ports) {
        if (!service.externalName().isEmpty()) {
            return isName(service.externalName())
                    ? Optional.of(List.of(new ExternalName(absolute(service.externalName()))))
                    : Optional.empty();
        }
        if (service.headless()) {
            return endpointHits(asked, service, chosen, ports);
        }
        var name = serviceName(service.key(), asked.apex);
        var hits = new ArrayList<Hit>();
        boolean any = false;
        for (var port : service.ports()) {
            if (ports.test(port)) {
                any = true;
                service.clusterIps().forEach(ip -> hits.add(new Address(name, ip, port.number())));
            }
        }
        return any ? Optional.of(hits) : Optional.empty();
    }

    /// No ready endpoint is no name.
    private Optional<List<Hit>> endpointHits(
            Asked asked,
            DnsIndex.Named service,
            Predicate<DnsIndex.Endpoint> chosen,
            Predicate<DnsIndex.Port> ports) {
        var name = serviceName(service.key(), asked.apex);
        var hits = new ArrayList<Hit>();
        for (var slice : index.endpoints().getOrDefault(service.key(), List.of())) {
            for (var endpoint : slice.ready()) {
                for (var port : chosen.test(endpoint) ? slice.ports() : List.<DnsIndex.Port>of()) {
                    if (ports.test(port)) {
                        hits.add(
                                new Address(
                                        endpoint.hostname() + "." + name,
                                        endpoint.address(),
                                        port.number()));
                    }
                }
            }
        }
        return hits.isEmpty() ? Optional.empty() : Optional.of(hits);
    }

    private static String serviceName(ObjectKey service, String apex) {
        return service.name() + "." + service.namespace() + ".svc." + apex;
    }

    /// No address, and nothing that validation lets pass although DNS cannot carry it.
    private static boolean isName(String text) {
        return IpAddress.parse(text).isEmpty()
                && text.length() <= LONGEST_NAME
                && text.matches("[^.\\\\]{1,63}(\\.[^.\\\\]{1,63})*\\.?");
    }

    private static String absolute(String name) {
        return name.endsWith(".") ? name : name + ".";
    }

    /// `10-244-0-5`, or the groups of an IPv6 address with dashes, whoever has that address: the
    /// mode `insecure`.
    private Optional<List<Hit>> podHits(Asked asked, List<String> labels) {
        if (labels.size() == 2) {
            return Optional.of(List.of());
        }
        if (labels.size() > 5) {
            return Optional.empty();
        }
        var pod = labels.get(2);
        boolean v4 = pod.chars().filter(c -> c == '-').count() == 3 && !pod.contains("--");
        var name = pod + "." + labels.get(1) + ".pod." + asked.apex;
        return IpAddress.parse(pod.replace('-', v4 ? '.' : ':'))
                .map(address -> List.of(new Address(name, address, 0)));
    }

    private DnsAnswer addresses(Asked asked, Optional<List<Hit>> hits, boolean v6) {
        if (hits.isEmpty()) {
            return missing(asked);
        }
        return hits.get().size() == 1 && hits.get().getFirst() instanceof ExternalName alias
                ? followed(asked, alias, v6)
                : found(asked, addressRecords(asked, hits.get(), v6));
    }

    /// An alias that leads nowhere within the cluster is not told, and neither is one that leads
    /// back to itself.
    private DnsAnswer followed(Asked asked, ExternalName first, boolean v6) {
        var aliases = new ArrayList<DnsRecord>();
        var seen = new HashSet<String>();
        var owner = asked;
        var alias = first;
        while (seen.add(owner.lower) && aliases.size() <= LONGEST_CHAIN) {
            aliases.add(cname(owner, alias));
            var target = alias.target();
            if (!isOurs(target.toLowerCase(Locale.ROOT))) {
                return new DnsAnswer.Alias(aliases, target);
            }
            owner = asked(target, asked.question.type());
            var hits = hits(owner).orElse(List.of());
            if (hits.size() == 1 && hits.getFirst() instanceof ExternalName next) {
                alias = next;
                continue;
            }
            var records = addressRecords(owner, hits, v6);
            aliases.addAll(records);
            return records.isEmpty() ? noData(asked) : new DnsAnswer.Found(aliases, List.of());
        }
        return noData(asked);
    }

    private static DnsRecord cname(Asked owner, ExternalName alias) {
        return record(owner.question.name(), new DnsRecord.Cname(alias.target()));
    }

    private static List<DnsRecord> addressRecords(Asked owner, List<Hit> hits, boolean v6) {
        var addresses = new LinkedHashSet<IpAddress>();
        for (var hit : hits) {
            if (hit instanceof Address(_, var address, _) && address.v6() == v6) {
                addresses.add(address);
            }
        }
        return addresses.stream()
                .map(address -> record(owner.question.name(), new DnsRecord.Address(address)))
                .toList();
    }

    /// Weights share a hundred among all that was found, down to one each; all have priority 0. Of
    /// a service without a port in the question, every port is told.
    private DnsAnswer services(Asked asked, List<Hit> hits) {
        var records = new LinkedHashSet<DnsRecord>();
        var additional = new LinkedHashSet<DnsRecord>();
        int weight = Math.max(1, ALL_WEIGHT / Math.max(1, hits.size()));
        for (var hit : hits) {
            if (hit instanceof Address(var name, var address, int port)
                    && port != DnsIndex.NO_PORT) {
                records.add(
                        record(asked.question.name(), new DnsRecord.Srv(0, weight, port, name)));
                additional.add(record(name, new DnsRecord.Address(address)));
            }
        }
        return records.isEmpty()
                ? noData(asked)
                : new DnsAnswer.Found(List.copyOf(records), List.copyOf(additional));
    }

    private DnsAnswer alias(Asked asked, Optional<List<Hit>> hits) {
        if (hits.isPresent()
                && !hits.get().isEmpty()
                && hits.get().getFirst() instanceof ExternalName alias) {
            return found(asked, List.of(cname(asked, alias)));
        }
        return nothing(asked, hits);
    }

    /// Where nothing but names below has records, upstream denies the name to who asks for a text.
    private DnsAnswer text(Asked asked, Optional<List<Hit>> hits) {
        if (asked.below().equals("dns-version")) {
            return found(
                    asked,
                    List.of(
                            new DnsRecord(
                                    asked.question.name(),
                                    SCHEMA_TTL_SECONDS,
                                    new DnsRecord.Txt(SCHEMA_VERSION))));
        }
        return hits.isPresent() && !hits.get().isEmpty() ? noData(asked) : missing(asked);
    }

    private DnsAnswer nameServer(Asked asked) {
        var server = serverName(asked);
        return new DnsAnswer.Found(
                List.of(record(asked.question.name(), new DnsRecord.Ns(server))),
                List.of(record(server, new DnsRecord.Address(zone.server()))));
    }

    /// By the service that has the server's address, if one has.
    private String serverName(Asked asked) {
        var services = index.clusterIps().getOrDefault(zone.server(), List.of());
        return services.isEmpty()
                ? "ns.dns." + asked.apex
                : serviceName(services.getFirst(), asked.apex);
    }

    /// Upstream does not deny a name to who asks for its SOA.
    private DnsAnswer authority(Asked asked) {
        return asked.below().isEmpty() ? found(asked, List.of(soa(asked.apex))) : noData(asked);
    }

    private DnsAnswer nothing(Asked asked, Optional<List<Hit>> hits) {
        return hits.isPresent() ? noData(asked) : missing(asked);
    }

    private DnsAnswer found(Asked asked, List<DnsRecord> records) {
        return records.isEmpty() ? noData(asked) : new DnsAnswer.Found(records, List.of());
    }

    private DnsAnswer noData(Asked asked) {
        return new DnsAnswer.NoData(soa(asked.apex));
    }

    private DnsAnswer missing(Asked asked) {
        return new DnsAnswer.NoSuchName(soa(asked.apex));
    }

    /// Differs from upstream: a reverse lookup of a pod's or service's address that nobody has is
    /// denied at once, not forwarded.
    private DnsAnswer reverse(DnsQuestion question, IpAddress address) {
        var targets = targets(address);
        if (question.type() == DnsQuestion.Type.PTR && !targets.isEmpty()) {
            return new DnsAnswer.Found(
                    targets.stream()
                            .map(name -> record(question.name(), new DnsRecord.Ptr(name)))
                            .toList(),
                    List.of());
        }
        if (!zone.has(address)) {
            return new DnsAnswer.Elsewhere();
        }
        var name = question.name();
        int apex = name.lastIndexOf('.', name.length() - ".arpa.".length() - 1) + 1;
        var soa = soa(name.substring(apex));
        return targets.isEmpty() ? new DnsAnswer.NoSuchName(soa) : new DnsAnswer.NoData(soa);
    }

    /// The service whose address it is, else the endpoints.
    private List<String> targets(IpAddress address) {
        var apex = zone.domain() + ".";
        var services = index.clusterIps().getOrDefault(address, List.of());
        if (!services.isEmpty()) {
            return List.of(serviceName(services.getFirst(), apex));
        }
        var names = new LinkedHashSet<String>();
        for (var key : index.endpointIps().getOrDefault(address, List.of())) {
            var slice = index.slices().get(key);
            if (slice != null) {
                slice.ready().stream()
                        .filter(endpoint -> endpoint.address().equals(address))
                        .map(e -> e.hostname() + "." + serviceName(slice.service(), apex))
                        .forEach(names::add);
            }
        }
        return List.copyOf(names);
    }

    private static DnsRecord record(String owner, DnsRecord.Data data) {
        return new DnsRecord(owner, TTL_SECONDS, data);
    }

    private DnsRecord soa(String apex) {
        return record(
                apex,
                new DnsRecord.Soa(
                        "ns.dns." + apex,
                        "hostmaster." + apex,
                        Math.floorMod(serial, SERIALS),
                        7200,
                        1800,
                        86_400,
                        TTL_SECONDS));
    }
}
