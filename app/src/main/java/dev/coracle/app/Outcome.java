// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Whether a run has come to its end by itself, and how well.
final class Outcome {

    private Outcome() {}

    /// Whether `pod` is meant to end.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
    static boolean isMeantToEnd(JsonObject pod) {
        return switch (pod.object("spec").string("restartPolicy")) {
            case "Never", "OnFailure" -> true;
            default -> false;
        };
    }

    /// The exit code of a run of `pods`, all in their latest state: empty while one of them goes
    /// on; 0 when all succeeded; else that of the first container that failed.
    static OptionalInt exitCode(List<JsonObject> pods) {
        int code = 0;
        for (var pod : pods) {
            switch (pod.object("status").string("phase")) {
                case "Succeeded" -> {}
                case "Failed" -> code = code == 0 ? failure(pod) : code;
                default -> {
                    return OptionalInt.empty();
                }
            }
        }
        return OptionalInt.of(code);
    }

    /// 1 when the pod failed without a container of it failing, as on an exceeded deadline.
    private static int failure(JsonObject pod) {
        var status = pod.object("status");
        return Stream.of("initContainerStatuses", "containerStatuses")
                .flatMap(list -> status.array(list).objects().stream())
                .map(container -> container.object("state").object("terminated"))
                .map(terminated -> (int) terminated.number("exitCode", 0))
                .filter(code -> code != 0)
                .findFirst()
                .orElse(1);
    }
}
