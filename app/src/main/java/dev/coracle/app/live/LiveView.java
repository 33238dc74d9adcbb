// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import dev.coracle.app.live.LiveInput.EventSeen;
import dev.coracle.app.live.LiveInput.LogLine;
import dev.coracle.app.live.LiveInput.PodChanged;
import dev.coracle.app.live.LiveInput.PodGone;
import dev.coracle.app.live.LiveInput.Pulling;
import dev.coracle.app.live.LiveLine.Tone;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.machine.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells the life of pods from the differences between what is seen of them.
///
/// A state that was never seen, because two changes came as one, is told from what it left behind:
/// a restart count that rose, a last state. So a story has no holes, whatever the observer missed:
///
/// ```
/// seen:  waiting        running        running, restarts 1, last state: exit 1
/// told:                 started        failed: exit 1 (Error); restarted
/// ```
public final class LiveView implements Machine<LiveInput, LiveLine> {
    private final Instant start;
    private final Map<String, PodStory> stories = new LinkedHashMap<>();
    private final Map<String, Long> percents = new LinkedHashMap<>();

    /// `start` is when the clock that is shown begins.
    public LiveView(Instant start) {
        this.start = start;
    }

    @Override
    public List<LiveLine> handle(LiveInput input, Instant now) {
        var told = new ArrayList<LiveLine>();
        var after = Duration.between(start, now);
        switch (input) {
            case PodChanged(var pod) -> changed(pod, after, told);
            case PodGone(var pod) -> {
                stories.remove(uid(pod));
                told.add(new LiveLine.Step(after, name(pod), "", "gone", Tone.PLAIN));
            }
            case EventSeen(var event) -> {
                var step = EventStory.step(event, after);
                if (step != null) {
                    told.add(withPart(step, event));
                }
            }
            case Pulling(var image, long done, long total) -> {
                var progress = progress(image, done, total, after);
                if (progress != null) {
                    told.add(progress);
                }
            }
            case LogLine(var pod, var container, var text) ->
                    told.add(new LiveLine.Log(pod, container, text));
        }
        return told;
    }

    private void changed(JsonObject pod, Duration after, List<LiveLine> told) {
        stories.computeIfAbsent(uid(pod), _ -> new PodStory(name(pod))).tell(pod, after, told::add);
    }

    private LiveLine.Step withPart(LiveLine.Step step, JsonObject event) {
        var story = stories.get(event.object("involvedObject").string("uid"));
        return story == null ? step : step.of(story.part(step.part()));
    }

    /// Null when nothing worth a line has changed since the last time.
    private LiveLine.@Nullable Progress progress(
            String image, long done, long total, Duration after) {
        long percent = total <= 0 ? 0 : Math.min(100, done * 100 / total);
        var before = percents.put(image, percent);
        if (before != null && before == percent) {
            return null;
        }
        var text =
                total <= 0
                        ? "pulling " + image
                        : "pulling %s %d%%  %s".formatted(image, percent, Bytes.of(done, total));
        return new LiveLine.Progress(after, text);
    }

    private static String uid(JsonObject pod) {
        return pod.object("metadata").string("uid");
    }

    private static String name(JsonObject pod) {
        return pod.object("metadata").string("name");
    }
}
