// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls that fail, or only seem to, and a kubelet that is restarted in between: there are never
/// two containers of one name, and once the faults stop the pod runs; deleted, it leaves nothing.
class FaultsTest {
    private static final int SEEDS_PER_RUN = 40;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void everythingConvergesOnceTheFaultsStop(int block) {
        for (int i = 0; i < SEEDS_PER_RUN; i++) {
            live(block * SEEDS_PER_RUN + i);
        }
    }

    private static void live(long seed) {
        var random = new SplittableRandom(seed);
        var node =
                new ScriptedNode()
                        .container("init", Duration.ofSeconds(1), 0)
                        .container("crashing", Duration.ofSeconds(20), 1);
        node.faults = random.split();
        node.create(
                (JsonObject)
                        ScriptedNode.json(
                                """
                                {"metadata":{"name":"web","namespace":"default","uid":"the-uid",
                                             "generation":1},
                                 "spec":{
                                  "initContainers":[{"name":"init","image":"box"},
                                   {"name":"side","image":"box","restartPolicy":"Always"}],
                                  "containers":[
                                   {"name":"app","image":"box","imagePullPolicy":"IfNotPresent"},
                                   {"name":"crashing","image":"box"}]},
                                 "status":{"phase":"Pending"}}"""));
        for (int i = 0; i < 6; i++) {
            node.runFor(Duration.ofMillis(random.nextInt(20_000)));
            if (random.nextBoolean()) {
                node.restart();
            }
            if (random.nextInt(4) == 0) {
                node.killSandbox();
            }
        }

        node.faults = null;
        node.container("crashing", null, 0);
        node.runFor(Duration.ofMinutes(11));
        assertThat(node.states.getLast())
                .as("seed %d", seed)
                .startsWith("phase=Running")
                .contains(" Ready=True");

        node.delete(30);
        node.runFor(Duration.ofMinutes(3));
        assertThat(node.pod).as("seed %d", seed).isNull();
        assertThat(node.containers).as("seed %d", seed).isEmpty();
        assertThat(node.sandboxes).as("seed %d", seed).isEmpty();
        assertThat(node.calls).as("seed %d", seed).endsWith("RemovePodDirectory");
    }
}
