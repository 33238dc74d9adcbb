// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller.Decision;
import dev.coracle.core.controller.eventttl.EventExpiry;
import dev.coracle.core.controller.namespace.NamespaceController;
import dev.coracle.core.controller.rootca.RootCaPublisher;
import dev.coracle.core.controller.serviceaccount.DefaultServiceAccount;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ControllersTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final ObjectKey SHOP = new ObjectKey("", "shop");

    private final Objects objects = new Objects();

    @Test
    void aNamespaceGetsItsDefaultAccountOnce() {
        var controller =
                new DefaultServiceAccount(ResourceTypes.NAMESPACES, ResourceTypes.SERVICE_ACCOUNTS);
        objects.put(ResourceTypes.NAMESPACES, namespace(false));

        var decision = controller.reconcile(objects, SHOP, NOW);

        var create = (Write.Create) decision.writes().getFirst();
        assertThat(ObjectKey.of(create.object())).hasToString("shop/default");
        objects.put(ResourceTypes.SERVICE_ACCOUNTS, create.object());
        assertThat(controller.reconcile(objects, SHOP, NOW)).isEqualTo(Decision.NOTHING);
    }

    @Test
    void aNamespaceThatGoesGetsNothingMore() {
        objects.put(ResourceTypes.NAMESPACES, namespace(true));

        assertThat(
                        new DefaultServiceAccount(
                                        ResourceTypes.NAMESPACES, ResourceTypes.SERVICE_ACCOUNTS)
                                .reconcile(objects, SHOP, NOW))
                .isEqualTo(Decision.NOTHING);
        assertThat(rootCa().reconcile(objects, SHOP, NOW)).isEqualTo(Decision.NOTHING);
    }

    @Test
    void aChangedAuthorityIsPutRight() {
        objects.put(ResourceTypes.NAMESPACES, namespace(false));
        var made = (Write.Create) rootCa().reconcile(objects, SHOP, NOW).writes().getFirst();
        var spoilt = made.object().with("data", JsonObject.of("ca.crt", Json.of("forged")));
        objects.put(ResourceTypes.CONFIG_MAPS, spoilt);

        var decision = rootCa().reconcile(objects, SHOP, NOW);

        var update = (Write.Update) decision.writes().getFirst();
        assertThat(update.object().object("data").string("ca.crt")).isEqualTo("PEM");
    }

    private static RootCaPublisher rootCa() {
        return new RootCaPublisher(ResourceTypes.NAMESPACES, ResourceTypes.CONFIG_MAPS, "PEM");
    }

    @Test
    void aNamespaceIsEmptiedThenWaitedForThenLetGo() {
        var controller =
                new NamespaceController(
                        ResourceTypes.NAMESPACES,
                        ResourceTypes.PODS,
                        List.of(ResourceTypes.PODS, ResourceTypes.CONFIG_MAPS));
        objects.put(ResourceTypes.NAMESPACES, namespace(true));
        objects.put(ResourceTypes.PODS, object("web", false));
        objects.put(ResourceTypes.CONFIG_MAPS, object("conf", false));

        assertThat(controller.reconcile(objects, SHOP, NOW).writes())
                .extracting(write -> ((Write.Delete) write).key().toString())
                .containsExactly("shop/web", "shop/conf");

        objects.remove(ResourceTypes.CONFIG_MAPS, "shop/conf");
        objects.put(ResourceTypes.PODS, object("web", true));
        var waiting = controller.reconcile(objects, SHOP, NOW);
        var status = (Write.Update) waiting.writes().getFirst();
        assertThat(status.subresource()).isEqualTo("status");
        assertThat(status.object().object("status").array("conditions").text())
                .contains("pods. has 1 resource instances");
        assertThat(waiting.again()).isNotNull();

        objects.remove(ResourceTypes.PODS, "shop/web");
        var done = (Write.Update) controller.reconcile(objects, SHOP, NOW).writes().getFirst();
        assertThat(done.subresource()).isEqualTo("finalize");
        assertThat(done.object().object("spec").array("finalizers").isEmpty()).isTrue();
    }

    @Test
    void anEventGoesAnHourAfterItWasLastWritten() {
        var controller = new EventExpiry(ResourceTypes.EVENTS);
        var event =
                object("e", false)
                        .with("lastTimestamp", NOW.minus(Duration.ofMinutes(50)).toString());
        objects.put(ResourceTypes.EVENTS, event);
        var key = ObjectKey.of(event);

        assertThat(controller.reconcile(objects, key, NOW).again())
                .isEqualTo(Duration.ofMinutes(10));
        assertThat(controller.reconcile(objects, key, NOW.plusSeconds(600)).writes())
                .hasSize(1)
                .first()
                .isInstanceOf(Write.Delete.class);
    }

    @Test
    void noTwoControllersWriteTheSameBesideTheOneThatEmptiesNamespaces() {
        var written = new HashSet<ResourceType>();
        for (var controller :
                List.of(
                        new DefaultServiceAccount(
                                ResourceTypes.NAMESPACES, ResourceTypes.SERVICE_ACCOUNTS),
                        rootCa(),
                        new EventExpiry(ResourceTypes.EVENTS))) {
            assertThat(controller.writes()).allMatch(written::add);
        }
    }

    private static JsonObject namespace(boolean deleted) {
        return JsonReader.parseObject(
                """
                {"metadata": {"name": "shop"%s}, "spec": {"finalizers": ["kubernetes"]}}"""
                        .formatted(
                                deleted
                                        ? ", \"deletionTimestamp\": \"2026-01-01T00:00:00Z\""
                                        : ""));
    }

    private static JsonObject object(String name, boolean deleted) {
        return JsonReader.parseObject(
                """
                {"metadata": {"name": "%s", "namespace": "shop"%s}}"""
                        .formatted(
                                name,
                                deleted
                                        ? ", \"deletionTimestamp\": \"2026-01-01T00:00:00Z\""
                                        : ""));
    }

    private static final class Objects implements View {
        private final Map<String, JsonObject> all = new LinkedHashMap<>();

        void put(ResourceType type, JsonObject object) {
            all.put(type.plural() + " " + ObjectKey.of(object), object);
        }

        void remove(ResourceType type, String key) {
            all.remove(type.plural() + " " + key);
        }

        @Override
        public @Nullable JsonObject get(ResourceType type, ObjectKey key) {
            return all.get(type.plural() + " " + key);
        }

        @Override
        public List<JsonObject> list(ResourceType type, String namespace) {
            var found = new ArrayList<JsonObject>();
            all.forEach(
                    (key, object) -> {
                        if (key.startsWith(type.plural() + " " + namespace)) {
                            found.add(object);
                        }
                    });
            return found;
        }
    }
}
