// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.store.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadingTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static ListOptions select(String labels, String fields) {
        return new ListOptions("default", labels, fields, 0, "", "", "");
    }

    private static ListOptions part(long limit, String token) {
        return new ListOptions("default", "", "", limit, token, "", "");
    }

    private static ListOptions at(String version, String match) {
        return new ListOptions("default", "", "", 0, "", version, match);
    }

    private void configMap(String name, String colour) {
        cluster.create(
                ResourceTypes.CONFIG_MAPS,
                "{'metadata': {'name': '%s', 'labels': {'colour': '%s'}}}".formatted(name, colour));
    }

    private static List<String> names(List<Entry> entries) {
        return entries.stream().map(e -> ObjectKey.of(e.object()).name()).toList();
    }

    @Test
    void podsAreChosenByTheFieldsThatKubeletAndSchedulerAskFor() {
        cluster.pod("free");
        cluster.boundPod("bound");
        assertThat(pods("spec.nodeName=yard")).containsExactly("bound");
        assertThat(pods("spec.nodeName=")).containsExactly("free");
        assertThat(pods("status.phase!=Running,metadata.name=free")).containsExactly("free");
        assertThat(pods("metadata.name=fre")).isEmpty();
        assertThat(pods("spec.restartPolicy=Always,spec.hostNetwork=false")).hasSize(2);
    }

    private List<String> pods(String fields) {
        return names(cluster.registry.list(ResourceTypes.PODS, select("", fields)).entries());
    }

    @Test
    void fieldsThatCannotBeSelectedAreNamed() {
        assertThat(
                        Refusal.of(
                                        () ->
                                                cluster.registry.list(
                                                        ResourceTypes.PODS,
                                                        select("", "spec.foo=1")))
                                .message())
                .isEqualTo("field label not supported: spec.foo");
        assertThat(
                        Refusal.of(
                                        () ->
                                                cluster.registry.watch(
                                                        ResourceTypes.LEASES,
                                                        select("", "spec.foo=1")))
                                .message())
                .isEqualTo(
                        "\"spec.foo\" is not a known field selector: only \"metadata.name\","
                                + " \"metadata.namespace\"");
    }

    @Test
    void aListInPartsIsOneConsistentListWhateverHappensMeanwhile() {
        for (var name : List.of("a", "b", "c", "d", "e")) {
            configMap(name, "red");
        }
        var first = cluster.registry.list(ResourceTypes.CONFIG_MAPS, part(2, ""));
        assertThat(names(first.entries())).containsExactly("a", "b");
        assertThat(first.remaining()).isEqualTo(3);
        configMap("bb", "red");
        cluster.registry.delete(ResourceTypes.CONFIG_MAPS, Cluster.key("d"), DeleteOptions.NONE);
        var rest = cluster.registry.list(ResourceTypes.CONFIG_MAPS, part(0, first.continueToken()));
        assertThat(names(rest.entries())).containsExactly("c", "d", "e");
        assertThat(rest.revision()).isEqualTo(first.revision());
        assertThat(rest.continueToken()).isEmpty();
    }

    @Test
    void aTokenThatIsTooOldHasExpired() {
        configMap("a", "red");
        configMap("b", "red");
        var token = cluster.registry.list(ResourceTypes.CONFIG_MAPS, part(1, "")).continueToken();
        configMap("c", "red");
        cluster.store.compact(cluster.store.revision());
        var refusal =
                Refusal.of(() -> cluster.registry.list(ResourceTypes.CONFIG_MAPS, part(1, token)));
        assertThat(refusal.code()).isEqualTo(410);
        assertThat(refusal.reason().text()).isEqualTo("Expired");
        assertThat(refusal.message()).startsWith("The provided continue parameter is too old");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ"})
    void whatIsNoTokenIsABadRequest(String token) {
        assertThat(
                        Refusal.of(() -> cluster.registry.list(ResourceTypes.PODS, part(1, token)))
                                .code())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "'', Exact, 422",
        "0, Exact, 422",
        "1, Sometimes, 422",
        "x, '', 400",
        "-1, '', 400",
        "999999, NotOlderThan, 504"
    })
    void versionsThatCannotBeShownAreRefused(String version, String match, int code) {
        assertThat(
                        Refusal.of(
                                        () ->
                                                cluster.registry.list(
                                                        ResourceTypes.PODS, at(version, match)))
                                .code())
                .isEqualTo(code);
    }

    @Test
    void anExactVersionIsShownAsItWas() {
        configMap("a", "red");
        long before = cluster.store.revision();
        configMap("b", "red");
        var type = ResourceTypes.CONFIG_MAPS;
        var then = cluster.registry.list(type, at(Long.toString(before), "Exact"));
        assertThat(names(then.entries())).containsExactly("a");
        var now = cluster.registry.list(type, at(Long.toString(before), "NotOlderThan"));
        assertThat(names(now.entries())).containsExactly("a", "b");
    }

    @Test
    void aWatchFromAForgottenVersionHasExpired() {
        long start = cluster.store.revision();
        configMap("a", "red");
        configMap("b", "red");
        cluster.store.compact(cluster.store.revision());
        var refusal =
                Refusal.of(
                        () ->
                                cluster.registry.watch(
                                        ResourceTypes.CONFIG_MAPS, at(Long.toString(start), "")));
        assertThat(refusal.code()).isEqualTo(410);
        assertThat(refusal.message()).startsWith("too old resource version: ");
    }

    @Test
    void anObjectThatCeasesToBeChosenIsDeletedAsItLastWas() {
        configMap("a", "red");
        var type = ResourceTypes.CONFIG_MAPS;
        try (var watch = cluster.registry.watch(type, select("colour=red", ""))) {
            assertThat(watch.poll().events()).extracting(e -> e.type()).containsExactly(ADDED);
            paint("a", "blue");
            var gone = watch.poll().events().getFirst();
            assertThat(gone.type()).isEqualTo(DELETED);
            var metadata = gone.entry().object().object("metadata");
            assertThat(metadata.object("labels").string("colour")).isEqualTo("red");
            assertThat(metadata.string("resourceVersion"))
                    .isEqualTo(Long.toString(cluster.store.revision()));
            assertThat(JsonReader.read(gone.entry().json()).value())
                    .isEqualTo(gone.entry().object());
            paint("a", "red");
            assertThat(watch.poll().events()).extracting(e -> e.type()).containsExactly(ADDED);
        }
    }

    private static final ObjectWatch.Type ADDED = ObjectWatch.Type.ADDED;
    private static final ObjectWatch.Type DELETED = ObjectWatch.Type.DELETED;

    private void paint(String name, String colour) {
        var map = cluster.get(ResourceTypes.CONFIG_MAPS, name);
        cluster.update(
                ResourceTypes.CONFIG_MAPS,
                "",
                map.with(
                        "metadata",
                        m -> m.with("labels", JsonObject.of("colour", Json.of(colour)))));
    }

    /// Whoever replays a watch has what a list with the same selector gives, and pages put together
    /// are that list, too.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void listsPagesAndWatchesAgreeAfterAnyHistory(long seed) {
        var random = new SplittableRandom(seed);
        var selector = select("colour in (red,green)", "metadata.name!=n3");
        var type = ResourceTypes.CONFIG_MAPS;
        var seen = new TreeMap<String, JsonObject>();
        try (var watch = cluster.registry.watch(type, selector)) {
            for (int step = 0; step < 200; step++) {
                change(random);
                if (random.nextInt(5) == 0) {
                    replay(watch.poll(), seen);
                    assertThat(List.copyOf(seen.values()))
                            .isEqualTo(objects(cluster.registry.list(type, selector).entries()));
                    assertThat(paged(selector, 1 + random.nextInt(3)))
                            .isEqualTo(List.copyOf(seen.values()));
                }
            }
        }
    }

    private void change(SplittableRandom random) {
        var name = "n" + random.nextInt(6);
        var colour = List.of("red", "green", "blue").get(random.nextInt(3));
        boolean present = cluster.store.get(ResourceTypes.CONFIG_MAPS.key("default", name)) != null;
        if (!present) {
            configMap(name, colour);
        } else if (random.nextInt(3) == 0) {
            cluster.registry.delete(
                    ResourceTypes.CONFIG_MAPS, Cluster.key(name), DeleteOptions.NONE);
        } else {
            paint(name, colour);
        }
    }

    private static void replay(ObjectWatch.Batch batch, Map<String, JsonObject> seen) {
        for (var event : batch.events()) {
            var name = ObjectKey.of(event.entry().object()).name();
            switch (event.type()) {
                case ADDED -> assertThat(seen.put(name, event.entry().object())).as(name).isNull();
                case MODIFIED ->
                        assertThat(seen.put(name, event.entry().object())).as(name).isNotNull();
                case DELETED -> assertThat(seen.remove(name)).as(name).isNotNull();
            }
        }
    }

    private List<JsonObject> paged(ListOptions options, long limit) {
        var all = new ArrayList<JsonObject>();
        var token = "";
        do {
            var page =
                    cluster.registry.list(
                            ResourceTypes.CONFIG_MAPS,
                            new ListOptions(
                                    options.namespace(),
                                    options.labelSelector(),
                                    options.fieldSelector(),
                                    limit,
                                    token,
                                    "",
                                    ""));
            assertThat(page.entries().size()).isLessThanOrEqualTo((int) limit);
            all.addAll(objects(page.entries()));
            token = page.continueToken();
        } while (!token.isEmpty());
        return all;
    }

    private static List<JsonObject> objects(List<Entry> entries) {
        return entries.stream().map(Entry::object).toList();
    }

    @Test
    void aCollectionIsDeletedAsSelected() {
        configMap("a", "red");
        configMap("b", "blue");
        var deleted =
                cluster.registry.deleteCollection(
                        ResourceTypes.CONFIG_MAPS, select("colour=red", ""), DeleteOptions.NONE);
        assertThat(deleted).extracting(o -> ObjectKey.of(o).name()).containsExactly("a");
        assertThat(
                        names(
                                cluster.registry
                                        .list(ResourceTypes.CONFIG_MAPS, select("", ""))
                                        .entries()))
                .containsExactly("b");
    }
}
