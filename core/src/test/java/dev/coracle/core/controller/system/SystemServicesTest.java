// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.system;

import static dev.coracle.core.registry.ResourceTypes.ENDPOINTS;
import static dev.coracle.core.registry.ResourceTypes.ENDPOINT_SLICES;
import static dev.coracle.core.registry.ResourceTypes.NAMESPACES;
import static dev.coracle.core.registry.ResourceTypes.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Desk;
import dev.coracle.core.controller.system.SystemService.Backend;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.ServiceRanges;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemServicesTest {
    private final Desk desk = new Desk();

    @AfterEach
    void close() {
        desk.close();
    }

    private static SystemServices services(Backend api, Backend dns) {
        return new SystemServices(
                new SystemServices.Types(NAMESPACES, SERVICES, ENDPOINTS, ENDPOINT_SLICES),
                List.of(
                        SystemService.api(ServiceRanges.UPSTREAM.apiAddress(), api),
                        SystemService.dns(ServiceRanges.UPSTREAM.dnsAddress(), dns)));
    }

    private static final ObjectKey DNS = new ObjectKey("kube-system", "kube-dns");

    private JsonObject dns(ResourceType type) {
        return Objects.requireNonNull(desk.view.get(type, DNS));
    }

    @Test
    void bothAreThereWithWhereTheyLead() {
        desk.create(NAMESPACES, "{'metadata': {'name': 'kube-system'}}");
        desk.add(services(new Backend("192.168.0.10", 7443), new Backend("10.244.0.1", 5353)));
        desk.settle();

        var api = desk.get(SERVICES, "kubernetes");
        assertThat(api.object("metadata").object("labels"))
                .isEqualTo(Desk.json("{'component': 'apiserver', 'provider': 'kubernetes'}"));
        assertThat(api.object("spec").string("clusterIP")).isEqualTo("10.96.0.1");
        assertThat(api.object("spec").array("ports"))
                .isEqualTo(
                        Desk.array(
                                "[{'name': 'https', 'protocol': 'TCP', 'port': 443, 'targetPort': 6443}]"));
        assertThat(desk.get(ENDPOINTS, "kubernetes").array("subsets"))
                .isEqualTo(
                        Desk.array(
                                """
                                [{'addresses': [{'ip': '192.168.0.10'}],
                                  'ports': [{'name': 'https', 'protocol': 'TCP', 'port': 7443}]}]"""));
        assertThat(dns(SERVICES).object("spec").string("clusterIP")).isEqualTo("10.96.0.10");
        assertThat(dns(ENDPOINT_SLICES).array("ports"))
                .isEqualTo(
                        Desk.array(
                                """
                                [{'name': 'dns', 'protocol': 'UDP', 'port': 5353},
                                 {'name': 'dns-tcp', 'protocol': 'TCP', 'port': 5353}]"""));
        long revision = desk.store.revision();
        desk.settle();
        assertThat(desk.store.revision()).isEqualTo(revision);
    }

    @Test
    void aNewAddressReplacesTheOldOne() {
        var key = new ObjectKey("default", "kubernetes");
        var dns = new Backend("10.244.0.1", 5353);
        desk.look(services(new Backend("192.168.0.10", 7443), dns), key);
        desk.look(services(new Backend("192.168.0.99", 7443), dns), key);

        assertThat(desk.get(ENDPOINT_SLICES, "kubernetes").array("endpoints").toString())
                .contains("192.168.0.99");
    }
}
