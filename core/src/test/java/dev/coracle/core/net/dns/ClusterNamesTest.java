// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import static dev.coracle.core.Golden.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.ip.IpRange;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.Yaml;
import dev.coracle.core.net.dns.DnsQuestion.Type;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterNamesTest {
    private static final ClusterZone ZONE =
            new ClusterZone(
                    "cluster.local",
                    IpAddress.parse("10.96.0.10").orElseThrow(),
                    List.of(IpRange.of("10.96.0.0/12"), IpRange.of("10.244.0.0/16")));

    /// Every kind of name with every type that matters, against the objects of `objects.yaml`: the
    /// whole table, reviewed as a diff. `mvn test -Dgolden=update` rewrites it.
    @Test
    void answers() throws IOException {
        var names = new ClusterNames(index(), ZONE, 7);
        var table = new ArrayList<String>();
        for (var line : text("questions.txt").lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                table.add(line);
                continue;
            }
            var words = line.split(" ");
            for (int i = 1; i < words.length; i++) {
                var question = new DnsQuestion(words[0], Type.valueOf(words[i]));
                table.add(words[0] + " " + words[i] + " -> " + text(names.answer(question)));
            }
        }
        assertGolden(
                Path.of("src/test/resources/dev/coracle/core/net/dns/answers.txt"),
                String.join("\n", table) + "\n");
    }

    @Test
    void aLongChainOfAliasesEnds() {
        var index = DnsIndex.EMPTY.withNamespace("default");
        for (int i = 0; i < 20; i++) {
            index =
                    index.with(
                            Service.of(
                                    object(
                                            "{metadata: {name: a%d, namespace: default}, spec: {type: ExternalName, externalName: a%d.default.svc.cluster.local}}"
                                                    .formatted(i, i + 1))));
        }
        assertThat(
                        new ClusterNames(index, ZONE, 1)
                                .answer(new DnsQuestion("a0.default.svc.cluster.local.", Type.A)))
                .isInstanceOf(DnsAnswer.NoData.class);
    }

    private static DnsIndex index() throws IOException {
        var index = DnsIndex.EMPTY;
        for (var text : text("objects.yaml").split("\n---\n")) {
            var object = object(text);
            index =
                    switch (object.string("kind")) {
                        case "Namespace" ->
                                index.withNamespace(object.object("metadata").string("name"));
                        case "Service" -> index.with(Service.of(object));
                        default -> index.with(EndpointSlice.of(object));
                    };
        }
        return index;
    }

    private static JsonObject object(String yaml) {
        return (JsonObject) Yaml.parse(yaml);
    }

    private static String text(DnsAnswer answer) {
        return switch (answer) {
            case DnsAnswer.Found(var records, var additional) ->
                    "found"
                            + lines("", records)
                            + (additional.isEmpty() ? "" : lines("additional ", additional));
            case DnsAnswer.Alias(var records, var target) ->
                    "alias, on to " + target + lines("", records);
            case DnsAnswer.NoData(var soa) -> "no data, " + soa.owner();
            case DnsAnswer.NoSuchName(var soa) -> "no such name, " + soa.owner();
            case DnsAnswer.Refused() -> "refused";
            case DnsAnswer.Elsewhere() -> "elsewhere";
        };
    }

    private static String lines(String before, List<DnsRecord> records) {
        var lines = new StringBuilder();
        for (var record : records) {
            lines.append(
                    "\n    %s%s %d %s"
                            .formatted(before, record.owner(), record.ttlSeconds(), data(record)));
        }
        return lines.toString();
    }

    private static String data(DnsRecord record) {
        return switch (record.data()) {
            case DnsRecord.Address(var address) -> (address.v6() ? "AAAA " : "A ") + address;
            case DnsRecord.Srv(int priority, int weight, int port, var target) ->
                    "SRV %d %d %d %s".formatted(priority, weight, port, target);
            case DnsRecord.Ptr(var target) -> "PTR " + target;
            case DnsRecord.Cname(var target) -> "CNAME " + target;
            case DnsRecord.Ns(var target) -> "NS " + target;
            case DnsRecord.Txt(var text) -> "TXT \"" + text + "\"";
            case DnsRecord.Soa soa ->
                    "SOA %s %s %d %d %d %d %d"
                            .formatted(
                                    soa.server(),
                                    soa.mailbox(),
                                    soa.serial(),
                                    soa.refresh(),
                                    soa.retry(),
                                    soa.expire(),
                                    soa.minimum());
        };
    }

    private static String text(String name) throws IOException {
        try (var stream = ClusterNamesTest.class.getResourceAsStream(name)) {
            return stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
