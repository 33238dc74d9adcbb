// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.app.manifest.Manifest;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.JournalException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RunTest {
    @TempDir Path directory;
    private final StringWriter out = new StringWriter();
    private final List<String> said = new ArrayList<>();

    @Test
    void podsThatAllSucceedEndTheRunWithZero() throws Exception {
        var node =
                new ScriptedNode(
                        List.of(ScriptedNode.running(), ScriptedNode.ended("Succeeded", 0)));

        assertThat(run(node, _ -> {}, pod("a", "Never"), pod("b", "OnFailure"))).isZero();

        assertThat(node.history)
                .containsExactly(
                        "create a",
                        "create b",
                        "schedule no more",
                        "delete a",
                        "delete b",
                        "dismantle");
        assertThat(out.toString()).contains("pod/a  succeeded", "pod/b  succeeded");
    }

    @Test
    void theCodeOfAFailedContainerIsPassedOn() throws Exception {
        var node = new ScriptedNode(List.of(ScriptedNode.ended("Failed", 4)));

        assertThat(run(node, _ -> {}, pod("a", "Never"))).isEqualTo(4);
        assertThat(node.history).endsWith("dismantle");
    }

    @Test
    void aPodThatIsToGoOnIsEndedBySignal() throws Exception {
        var node = new ScriptedNode(List.of(ScriptedNode.running()));

        assertThat(run(node, Runnable::run, pod("a", "Always"))).isEqualTo(130);

        assertThat(node.history)
                .containsExactly("create a", "schedule no more", "delete a", "dismantle");
        assertThat(said).contains("stopping pods; once more to stop them at once");
    }

    @Test
    void aRefusedObjectLeavesNoNodeBehind() {
        var node = new ScriptedNode(List.of());

        assertThatThrownBy(() -> run(node, _ -> {}, pod("refused", "Always")))
                .isInstanceOf(IOException.class)
                .hasMessage("x.yaml, document 1 (Pod \"refused\"): not on this node");
        assertThat(node.history).containsExactly("create refused", "dismantle");
    }

    @Test
    void aFullDiskIsOneSentenceAndLeavesNoNodeBehind() {
        var node = new ScriptedNode(List.of(ScriptedNode.running()));
        node.crashes.add(
                new IllegalStateException(new JournalException("the disk of /srv is full")));

        assertThatThrownBy(() -> run(node, _ -> {}, pod("a", "Always")))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "the node stopped: the disk of /srv is full; its containers are removed");
        assertThat(node.history).endsWith("dismantle");
    }

    @Test
    void aNodeThatCannotBeStartedIsSweptAway() {
        var swept = new ArrayList<Path>();
        var starter =
                new NoNodes() {
                    @Override
                    public RunningNode start(NodeConfig config, Consumer<String> say)
                            throws IOException {
                        throw new IOException("port 6443 is taken");
                    }

                    @Override
                    public void sweep(Path dataDirectory, Consumer<String> say) {
                        swept.add(dataDirectory);
                    }
                };

        assertThatThrownBy(() -> run(starter, _ -> {}, pod("a", "Never")))
                .hasMessage("port 6443 is taken");
        assertThat(swept).containsExactly(directory.resolve("node"));
    }

    private int run(ScriptedNode node, Consumer<Runnable> signals, Manifest... manifests)
            throws Exception {
        var starter =
                new NoNodes() {
                    @Override
                    public RunningNode start(NodeConfig config, Consumer<String> say) {
                        return node;
                    }
                };
        return run(starter, signals, manifests);
    }

    private int run(NodeStarter starter, Consumer<Runnable> signals, Manifest... manifests)
            throws Exception {
        var config =
                new NodeConfig(
                        directory.resolve("node"),
                        "127.0.0.1",
                        0,
                        "yard",
                        "10.244.1.0/24",
                        "10.112.0.0/20",
                        null,
                        null,
                        Duration.ofMinutes(5),
                        false,
                        false);
        try (var _ = config.files().occupy()) {
            return new Run(
                            onSignal -> {
                                signals.accept(onSignal);
                                return () -> {};
                            },
                            starter,
                            config,
                            List.of(manifests),
                            new PrintWriter(out, true),
                            said::add)
                    .run();
        }
    }

    private static Manifest pod(String name, String restartPolicy) {
        var object =
                JsonObject.builder()
                        .put("apiVersion", "v1")
                        .put("kind", "Pod")
                        .put("metadata", JsonObject.of("name", Json.of(name)))
                        .put("spec", JsonObject.of("restartPolicy", Json.of(restartPolicy)))
                        .build();
        return new Manifest("x.yaml, document 1", object, List.of());
    }
}
