// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something done from outside, `at` so long after the manifests were applied.
public record Step(Duration at, Deed deed) {

    /// What is done. `toString` is how a person would say it.
    public sealed interface Deed {
        /// `graceSeconds` null: the pod's own; 0: at once, without waiting for the node.
        record Delete(ObjectKey pod, @Nullable Long graceSeconds) implements Deed {
            @Override
            public String toString() {
                return "delete "
                        + shown(pod)
                        + (graceSeconds == null ? "" : " --grace-period=" + graceSeconds);
            }
        }

        /// Runs a command in a container, whatever it answers.
        record Exec(ObjectKey pod, String container, List<String> command) implements Deed {
            public Exec {
                command = List.copyOf(command);
            }

            @Override
            public String toString() {
                return "exec %s/%s %s".formatted(shown(pod), container, String.join(" ", command));
            }
        }

        record KillSandbox(ObjectKey pod) implements Deed {
            @Override
            public String toString() {
                return "killSandbox " + shown(pod);
            }
        }

        /// The container ends by itself now.
        record KillContainer(ObjectKey pod, String container, int exitCode) implements Deed {
            @Override
            public String toString() {
                return "killContainer %s/%s exitCode=%d".formatted(shown(pod), container, exitCode);
            }
        }

        record RestartKubelet(Duration downtime) implements Deed {
            @Override
            public String toString() {
                return "restartKubelet downtime=" + Durations.text(downtime);
            }
        }

        /// Creates objects, or merges them into what is there.
        record Apply(List<JsonObject> objects) implements Deed {
            public Apply {
                objects = List.copyOf(objects);
            }

            @Override
            public String toString() {
                return "apply "
                        + String.join(
                                ", ",
                                objects.stream()
                                        .map(
                                                object ->
                                                        object.string("kind")
                                                                + "/"
                                                                + object.object("metadata")
                                                                        .string("name"))
                                        .toList());
            }
        }

        record SetImage(ObjectKey pod, String container, String image) implements Deed {
            @Override
            public String toString() {
                return "setImage %s/%s %s".formatted(shown(pod), container, image);
            }
        }

        /// As whoever serves a readiness gate does.
        record SetCondition(ObjectKey pod, String type, String status) implements Deed {
            @Override
            public String toString() {
                return "setCondition %s %s=%s".formatted(shown(pod), type, status);
            }
        }

        private static String shown(ObjectKey pod) {
            return pod.namespace().equals("default")
                    ? pod.name()
                    : pod.namespace() + "/" + pod.name();
        }
    }
}
