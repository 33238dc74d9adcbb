// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the column STATUS says of a pod, as it happens.
///
/// <https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/>
@Timeout(300)
class PodStatusesOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = new RealNode();

    /// A container that does `script`.
    private static String container(String name, String script) {
        return "{name: %s, image: 'coracle.local/toolbox:1', command: [sh, -c, '%s']}"
                .formatted(name, script);
    }

    private static String pod(String name, String init, String containers, String more) {
        return """
               ---
               apiVersion: v1
               kind: Pod
               metadata: {name: %s}
               spec:
                 terminationGracePeriodSeconds: 2
                 initContainers: [%s]
                 containers: [%s]
                 %s
               """
                .formatted(name, init, containers, more);
    }

    private static final String SLEEPER = container("app", "sleep 3600");

    private static final String PODS =
            String.join(
                    "",
                    pod(
                            "slow",
                            container("one", "sleep 1") + "," + container("two", "sleep 1"),
                            SLEEPER,
                            ""),
                    pod("init-fails", container("one", "exit 3"), SLEEPER, ""),
                    pod(
                            "init-fails-once",
                            container("one", "exit 3"),
                            SLEEPER,
                            "restartPolicy: Never"),
                    pod("crashes", "", container("app", "exit 3"), ""),
                    pod("fails", "", container("app", "exit 3"), "restartPolicy: Never"),
                    pod("ends", "", container("app", "exit 0"), "restartPolicy: Never"),
                    pod("unpulled", "", "{name: app, image: '127.0.0.1:1/none:1'}", ""),
                    pod(
                            "never-pulled",
                            "",
                            "{name: app, image: '127.0.0.1:1/none:1', imagePullPolicy: Never}",
                            ""),
                    pod("homeless", "", SLEEPER, "nodeSelector: {disk: none-such}"),
                    pod("stubborn", "", container("app", "trap \"\" TERM; sleep 3600"), ""));

    /// The statuses of each pod that a `kubectl get --watch` printed.
    private static final class Seen implements AutoCloseable {
        private final Map<String, Set<String>> statuses = new ConcurrentHashMap<>();
        private final Process process;
        private final CompletableFuture<Void> reading;

        Seen(Kubectl kubectl) throws IOException {
            process = kubectl.start("get", "pods", "--watch", "--no-headers");
            reading = CompletableFuture.runAsync(() -> read(process.inputReader()));
        }

        private void read(BufferedReader lines) {
            try (lines) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    var columns = line.split(" +");
                    statuses.merge(
                            columns[0],
                            Set.of(columns[2]),
                            (before, now) -> {
                                var all = new TreeSet<>(before);
                                all.addAll(now);
                                return all;
                            });
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Map<String, Set<String>> now() {
            return new TreeMap<>(statuses);
        }

        @Override
        public void close() {
            process.destroy();
            reading.join();
        }
    }

    private static boolean hasAll(
            Map<String, Set<String>> seen, Map<String, List<String>> expected) {
        return expected.entrySet().stream()
                .allMatch(
                        entry ->
                                seen.getOrDefault(entry.getKey(), Set.of())
                                        .containsAll(entry.getValue()));
    }

    @Test
    void everyStatusIsSeenByWhoeverWatches() throws Exception {
        var kubectl = NODE.namespace("statuses");
        try (var seen = new Seen(kubectl)) {
            kubectl.apply(PODS).ok();
            var alive =
                    Map.ofEntries(
                            Map.entry(
                                    "slow",
                                    List.of(
                                            "Pending",
                                            "Init:0/2",
                                            "Init:1/2",
                                            "PodInitializing",
                                            "Running")),
                            Map.entry("init-fails", List.of("Init:Error", "Init:CrashLoopBackOff")),
                            Map.entry("init-fails-once", List.of("Init:0/1", "Init:Error")),
                            Map.entry(
                                    "crashes",
                                    List.of("ContainerCreating", "Error", "CrashLoopBackOff")),
                            Map.entry("fails", List.of("ContainerCreating", "Error")),
                            Map.entry("ends", List.of("ContainerCreating", "Completed")),
                            Map.entry(
                                    "unpulled",
                                    List.of(
                                            "ContainerCreating",
                                            "ErrImagePull",
                                            "ImagePullBackOff")),
                            Map.entry("never-pulled", List.of("ErrImageNeverPull")),
                            Map.entry("homeless", List.of("Pending")),
                            Map.entry("stubborn", List.of("ContainerCreating", "Running")));
            Kubectl.await("all statuses", seen::now, now -> hasAll(now, alive));
            assertThat(seen.now().get("homeless")).containsExactly("Pending");
            assertThat(seen.now().get("init-fails"))
                    .as("an app never starts before its init containers have succeeded")
                    .doesNotContain("Running", "PodInitializing");

            kubectl.run("delete", "pod", "stubborn").ok();
            Kubectl.await(
                    "the end of a pod",
                    seen::now,
                    now -> hasAll(now, Map.of("stubborn", List.of("Terminating"))));
        }
    }
}
