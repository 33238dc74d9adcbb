// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.Yaml;
import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.net.dns.DnsAnswer;
import dev.coracle.core.net.dns.DnsQuestion;
import dev.coracle.core.net.dns.DnsRecord;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.registry.StoreRegistry;
import dev.coracle.core.schema.Schemas;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import dev.coracle.host.loop.Closing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterDnsFeedTest {
    private final Closing closing = new Closing();
    private final List<Throwable> crashes = new ArrayList<>();
    private final Instant now = Instant.parse("2026-11-21T00:00:00Z");
    private final Registry registry =
            new StoreRegistry(
                    closing.add(MvccStore.open(new MemoryJournal(), Retention.DEFAULT)),
                    Schemas.load(),
                    () -> now,
                    new SplittableRandom(1),
                    List.of());
    private final ClusterDnsFeed feed =
            closing.add(
                    new ClusterDnsFeed(
                            new ClusterZone(
                                    "cluster.local",
                                    IpAddress.parse("10.96.0.10").orElseThrow(),
                                    List.of()),
                            new ClusterDnsFeed.Parts(
                                    registry,
                                    ResourceTypes.SERVICES,
                                    ResourceTypes.ENDPOINT_SLICES,
                                    ResourceTypes.NAMESPACES,
                                    () -> now,
                                    crashes::add)));

    @BeforeEach
    void namespace() {
        create(
                ResourceTypes.NAMESPACES,
                "",
                "{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
    }

    @AfterEach
    void close() {
        closing.close();
        assertThat(crashes).isEmpty();
    }

    private void create(ResourceType type, String namespace, String yaml) {
        registry.create(type, namespace, (JsonObject) Yaml.parse(yaml), WriteOptions.by("test"));
    }

    private void createService(String name, String ip) {
        create(
                ResourceTypes.SERVICES,
                "default",
                "{apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {clusterIP: %s, ports: [{port: 80}]}}"
                        .formatted(name, ip));
    }

    private String addresses(String name) {
        var question = new DnsQuestion(name + ".default.svc.cluster.local.", DnsQuestion.Type.A);
        return switch (feed.names().answer(question)) {
            case DnsAnswer.Found(var records, _) ->
                    records.stream()
                            .map(record -> ((DnsRecord.Address) record.data()).address().toString())
                            .toList()
                            .toString();
            default -> "none";
        };
    }

    private void await(String name, String addresses) {
        while (!addresses(name).equals(addresses) && crashes.isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whatWasThereIsKnownOnceItHasStarted() {
        createService("web", "10.96.3.4");

        feed.start();

        assertThat(addresses("web")).isEqualTo("[10.96.3.4]");
        assertThat(feed.names().serial()).isEqualTo(now.getEpochSecond());
    }

    @Test
    void changesFollow() {
        feed.start();
        createService("web", "10.96.3.4");
        await("web", "[10.96.3.4]");
        createService("pets", "None");
        create(
                ResourceTypes.ENDPOINT_SLICES,
                "default",
                "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: pets-1, labels: {kubernetes.io/service-name: pets}}, addressType: IPv4, endpoints: [{addresses: [10.244.0.9]}]}");
        await("pets", "[10.244.0.9]");

        registry.delete(
                ResourceTypes.ENDPOINT_SLICES,
                new ObjectKey("default", "pets-1"),
                DeleteOptions.NONE);
        registry.delete(
                ResourceTypes.SERVICES, new ObjectKey("default", "web"), DeleteOptions.NONE);
        await("pets", "none");
        await("web", "none");
    }
}
