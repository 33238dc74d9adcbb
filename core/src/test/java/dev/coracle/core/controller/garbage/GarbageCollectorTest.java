// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.garbage;

import static dev.coracle.core.registry.ResourceTypes.CONFIG_MAPS;
import static dev.coracle.core.registry.ResourceTypes.NODES;
import static dev.coracle.core.registry.ResourceTypes.PODS;
import static dev.coracle.core.registry.ResourceTypes.SECRETS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Desk;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.view.StoreDependents;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GarbageCollectorTest {
    private static final List<ResourceType> TYPES =
            ResourceTypes.stored().stream()
                    .filter(type -> !type.equals(ResourceTypes.EVENTS))
                    .toList();

    private final Desk desk = new Desk();

    @BeforeEach
    void start() {
        desk.add(new GarbageCollector(TYPES, new StoreDependents(desk.store, TYPES)));
        desk.settle();
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private static String owner(JsonObject owner, boolean blocks) {
        return "{'apiVersion': 'v1', 'kind': '%s', 'name': '%s', 'uid': '%s', 'blockOwnerDeletion': %s}"
                .formatted(
                        owner.string("kind"),
                        ObjectKey.of(owner).name(),
                        owner.object("metadata").string("uid"),
                        blocks);
    }

    private JsonObject make(ResourceType type, String name, String... owners) {
        return desk.create(
                type,
                "{'metadata': {'name': '%s', 'ownerReferences': [%s]}}"
                        .formatted(name, String.join(", ", owners)));
    }

    private void delete(ResourceType type, String name, @Nullable String policy) {
        desk.registry.delete(
                type,
                new ObjectKey(type.namespaced() ? "default" : "", name),
                new DeleteOptions(null, policy, null, null, false));
    }

    @Test
    void whatBelongsToSomethingGoneGoesAndWhatBelongsToThatToo() {
        var top = make(CONFIG_MAPS, "top");
        var middle = make(SECRETS, "middle", owner(top, true));
        make(CONFIG_MAPS, "bottom", owner(middle, true));
        desk.settle();
        assertThat(desk.names(CONFIG_MAPS)).containsExactly("bottom", "top");

        delete(CONFIG_MAPS, "top", null);
        desk.settle();

        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
        assertThat(desk.names(SECRETS)).isEmpty();
    }

    @Test
    void oneOfTwoOwnersIsEnoughToStay() {
        var a = make(CONFIG_MAPS, "a");
        var b = make(CONFIG_MAPS, "b");
        make(SECRETS, "shared", owner(a, true), owner(b, true));
        desk.settle();

        delete(CONFIG_MAPS, "a", null);
        desk.settle();

        var left = desk.get(SECRETS, "shared").object("metadata").array("ownerReferences");
        assertThat(left.objects()).extracting(o -> o.string("name")).containsExactly("b");
        delete(CONFIG_MAPS, "b", null);
        desk.settle();
        assertThat(desk.names(SECRETS)).isEmpty();
    }

    @Test
    void aNamesakeIsNotTheOwner() {
        var owner = make(CONFIG_MAPS, "a");
        make(SECRETS, "child", owner(owner, true));
        delete(CONFIG_MAPS, "a", null);
        make(CONFIG_MAPS, "a");

        desk.settle();

        assertThat(desk.names(SECRETS)).isEmpty();
        assertThat(desk.names(CONFIG_MAPS)).containsExactly("a");
    }

    @Test
    void whoNamesAnOwnerThatNeverWasGoesToo() {
        make(
                SECRETS,
                "child",
                "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': 'never', 'uid': '1'}");

        desk.settle();

        assertThat(desk.names(SECRETS)).isEmpty();
    }

    @Test
    void anOwnerOfAKindThatNobodyKnowsIsTakenOnTrust() {
        make(
                SECRETS,
                "child",
                "{'apiVersion': 'example.com/v1', 'kind': 'Widget', 'name': 'w', 'uid': '1'}");

        desk.settle();

        assertThat(desk.names(SECRETS)).containsExactly("child");
    }

    @Test
    void anOwnerWithoutANamespaceMayHaveDependentsInOne() {
        make(CONFIG_MAPS, "facts", owner(desk.get(NODES, "yard"), false));
        desk.settle();
        assertThat(desk.names(CONFIG_MAPS)).containsExactly("facts");

        delete(NODES, "yard", null);
        desk.settle();

        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
    }

    @Test
    void orphansAreFreed() {
        var owner = make(CONFIG_MAPS, "a");
        make(SECRETS, "child", owner(owner, true));
        desk.settle();

        delete(CONFIG_MAPS, "a", "Orphan");
        desk.settle();

        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
        assertThat(desk.get(SECRETS, "child").object("metadata").has("ownerReferences")).isFalse();
    }

    @Test
    void inTheForegroundAnOwnerWaitsForThoseThatBlockIt() {
        var owner = make(CONFIG_MAPS, "a");
        desk.create(
                SECRETS,
                "{'metadata': {'name': 'kept', 'finalizers': ['example.com/keep'], 'ownerReferences': [%s]}}"
                        .formatted(owner(owner, true)));
        desk.settle();

        delete(CONFIG_MAPS, "a", "Foreground");
        desk.settle();
        assertThat(desk.names(CONFIG_MAPS)).containsExactly("a");
        assertThat(desk.get(SECRETS, "kept").object("metadata").has("deletionTimestamp")).isTrue();

        desk.change(
                SECRETS, "kept", secret -> secret.with("metadata", m -> m.without("finalizers")));
        desk.settle();
        assertThat(desk.names(SECRETS)).isEmpty();
        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
    }

    @Test
    void inTheForegroundAnOwnerDoesNotWaitForOthers() {
        var owner = make(CONFIG_MAPS, "a");
        desk.create(
                SECRETS,
                "{'metadata': {'name': 'kept', 'finalizers': ['example.com/keep'], 'ownerReferences': [%s]}}"
                        .formatted(owner(owner, false)));
        desk.settle();

        delete(CONFIG_MAPS, "a", "Foreground");
        desk.settle();

        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
    }

    @Test
    void theForegroundReachesDependentsOfDependents() {
        var top = make(CONFIG_MAPS, "top");
        var middle = make(SECRETS, "middle", owner(top, true));
        desk.create(
                CONFIG_MAPS,
                "{'metadata': {'name': 'bottom', 'finalizers': ['example.com/keep'], 'ownerReferences': [%s]}}"
                        .formatted(owner(middle, true)));
        desk.settle();

        delete(CONFIG_MAPS, "top", "Foreground");
        desk.settle();
        assertThat(desk.names(CONFIG_MAPS)).containsExactly("bottom", "top");
        assertThat(desk.names(SECRETS)).containsExactly("middle");

        desk.change(
                CONFIG_MAPS, "bottom", map -> map.with("metadata", m -> m.without("finalizers")));
        desk.settle();
        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
        assertThat(desk.names(SECRETS)).isEmpty();
    }

    @Test
    void aCircleThatWaitsForItselfComesToAnEnd() {
        var a = make(CONFIG_MAPS, "a");
        var b = make(CONFIG_MAPS, "b", owner(a, true));
        desk.change(
                CONFIG_MAPS,
                "a",
                map ->
                        map.with(
                                "metadata",
                                m ->
                                        m.with(
                                                "ownerReferences",
                                                Desk.array("[" + owner(b, true) + "]"))));
        desk.settle();

        delete(CONFIG_MAPS, "a", "Foreground");
        desk.settle();

        assertThat(desk.names(CONFIG_MAPS)).isEmpty();
    }

    @Test
    void podsGoWithGrace() {
        var owner = make(CONFIG_MAPS, "a");
        desk.create(
                PODS,
                """
                {'metadata': {'name': 'web', 'ownerReferences': [%s]},
                 'spec': {'nodeName': 'yard', 'containers': [{'name': 'a', 'image': 'a:1'}]}}"""
                        .formatted(owner(owner, true)));
        delete(CONFIG_MAPS, "a", null);

        desk.settle();

        var metadata = desk.get(PODS, "web").object("metadata");
        assertThat(metadata.number("deletionGracePeriodSeconds", 0)).isEqualTo(30);
    }
}
