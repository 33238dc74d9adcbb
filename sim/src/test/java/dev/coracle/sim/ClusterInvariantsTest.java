// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonReader;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import org.junit.jupiter.api.Test;

/// That the checks find what they are there for.
class ClusterInvariantsTest {
    private final World world = new World(1);
    private final MvccStore store = MvccStore.open(new MemoryJournal(), Retention.DEFAULT);
    private final ClusterInvariants invariants = new ClusterInvariants(world, store);

    @Test
    void aLifeWithoutFaultIsNoted() {
        write("Pending", 0);
        write("Running", 1);
        write("Succeeded", 1);

        invariants.check();

        assertThat(world.trace())
                .containsExactly(
                        "     0.000 api wrote /core/pods/default/web@1 Pending app=0",
                        "     0.000 api wrote /core/pods/default/web@2 Running app=1",
                        "     0.000 api wrote /core/pods/default/web@3 Succeeded app=1");
    }

    @Test
    void aRestartCountMayNotShrink() {
        write("Running", 2);
        write("Running", 1);

        assertThatThrownBy(invariants::check)
                .isInstanceOf(BrokenInvariant.class)
                .hasMessage("/core/pods/default/web@2 restartCount of app went from 2 to 1");
    }

    @Test
    void aPodThatFailedMayNotComeBack() {
        write("Failed", 0);
        write("Running", 0);

        assertThatThrownBy(invariants::check)
                .isInstanceOf(BrokenInvariant.class)
                .hasMessage("/core/pods/default/web@2 was Failed and is Running");
    }

    @Test
    void aNewPodOfTheSameNameBeginsAnew() {
        write("Failed", 3);
        store.delete("/core/pods/default/web", 1);
        write("Pending", 0);

        invariants.check();

        assertThat(world.trace()).hasSize(3);
    }

    private void write(String phase, int restartCount) {
        var pod =
                JsonReader.parseObject(
                        """
                        {"metadata": {"name": "web"}, "status": {"phase": "%s",
                         "containerStatuses": [{"name": "app", "restartCount": %d}]}}"""
                                .formatted(phase, restartCount));
        var key = "/core/pods/default/web";
        var current = store.get(key);
        if (current == null) {
            store.create(key, pod);
        } else {
            store.update(key, current.revision(), pod);
        }
    }
}
