// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import java.time.Instant;

/// A timeline for programs: one object for each thing that happened. `time` is the seconds since
/// the beginning, `what` says which fields there are beside it.
public final class TimelineJson {
    private final Instant origin;

    public TimelineJson(Instant origin) {
        this.origin = origin;
    }

    public JsonObject line(Happening happening) {
        return switch (happening) {
            case Happening.PodSeen(_, var change, var pod) ->
                    about(happening, "pod", ObjectKey.of(pod))
                            .put("change", change.name())
                            .put("state", PodLine.of(pod))
                            .put("status", pod.object("status"))
                            .build();
            case Happening.EventSeen(_, var event) -> {
                var about = event.object("involvedObject");
                yield about(happening, "event", ObjectKey.of(event))
                        .put("name", about.string("name"))
                        .put("kind", about.string("kind"))
                        .put("fieldPath", about.string("fieldPath"))
                        .put("type", event.string("type"))
                        .put("reason", event.string("reason"))
                        .put("message", event.string("message"))
                        .put("count", TimelineText.count(event))
                        .put("component", TimelineText.component(event))
                        .build();
            }
            case Happening.Started(_, var run) -> run(happening, "started", run).build();
            case Happening.Ended(_, var run, int exitCode, var reason) ->
                    run(happening, "ended", run)
                            .put("exitCode", exitCode)
                            .put("reason", reason)
                            .build();
            case Happening.FileChanged(_, var run, var path, boolean there) ->
                    run(happening, "file", run).put("path", path).put("exists", there).build();
            case Happening.Answered answered ->
                    about(happening, "answer", answered.pod())
                            .put("container", answered.container())
                            .put("purpose", answered.purpose())
                            .put("question", answered.question())
                            .put("answer", answered.answer())
                            .build();
            case Happening.StepDone(_, var step, var outcome) ->
                    begun(happening, "step").put("step", step).put("outcome", outcome).build();
        };
    }

    private JsonObject.Builder begun(Happening happening, String what) {
        var seconds = "%.3f".formatted(TimelineText.seconds(origin, happening.at()));
        return JsonObject.builder().put("time", new JsonNumber(seconds)).put("what", what);
    }

    private JsonObject.Builder about(Happening happening, String what, ObjectKey pod) {
        return begun(happening, what).put("namespace", pod.namespace()).put("name", pod.name());
    }

    private JsonObject.Builder run(Happening happening, String what, Happening.Run run) {
        return about(happening, what, run.pod())
                .put("container", run.container())
                .put("restarts", run.attempt());
    }
}
