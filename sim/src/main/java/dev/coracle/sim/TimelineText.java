// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A timeline for people: a line for each thing that happened, with the seconds since the beginning
/// in front. A pod that changed in nothing that its line shows gets none; what its containers'
/// states say of themselves has a line of its own when it is new.
public final class TimelineText {
    private final Instant origin;
    private final Map<ObjectKey, String> shown = new HashMap<>();
    private final Map<ObjectKey, Set<String>> messages = new HashMap<>();

    public TimelineText(Instant origin) {
        this.origin = origin;
    }

    /// The lines of `happening`, none when there is nothing new in it.
    public List<String> lines(Happening happening) {
        var time = "%8.3f ".formatted(seconds(origin, happening.at()));
        return texts(happening).stream().map(text -> time + oneLine(text)).toList();
    }

    static double seconds(Instant origin, Instant at) {
        return Duration.between(origin, at).toMillis() / 1e3;
    }

    private static String oneLine(String text) {
        return text.stripTrailing().replace("\n", "\\n");
    }

    private List<String> texts(Happening happening) {
        return switch (happening) {
            case Happening.PodSeen seen -> pod(seen);
            case Happening.EventSeen(_, var event) -> List.of(event(event));
            case Happening.Started(_, var run) ->
                    said("started", run + " restarts=" + run.attempt());
            case Happening.Ended(_, var run, int exitCode, var reason) ->
                    said(
                            "ended",
                            "%s restarts=%d exit=%d %s"
                                    .formatted(run, run.attempt(), exitCode, reason));
            case Happening.FileChanged(_, var run, var path, boolean there) ->
                    said("file", run + " " + path + (there ? " is there" : " is gone"));
            case Happening.Answered answered -> answered(answered);
            case Happening.StepDone(_, var step, var outcome) ->
                    said("step", outcome.isEmpty() ? step : step + " -> " + outcome);
        };
    }

    private static List<String> said(String word, String text) {
        return List.of("%-8s %s".formatted(word, text));
    }

    private List<String> pod(Happening.PodSeen seen) {
        var key = ObjectKey.of(seen.pod());
        var texts = new ArrayList<String>();
        var line = PodLine.of(seen.pod());
        boolean deleted = seen.change() == Happening.Change.DELETED;
        if (deleted || !line.equals(shown.put(key, line))) {
            texts.addAll(said(seen.change().name(), Happening.name(key) + " " + line));
        }
        var said = PodLine.messages(seen.pod());
        var before = messages.put(key, said);
        said.stream()
                .filter(message -> before == null || !before.contains(message))
                .forEach(message -> texts.addAll(said("message", message)));
        if (deleted) {
            shown.remove(key);
            messages.remove(key);
        }
        return texts;
    }

    private static String event(JsonObject event) {
        var about = event.object("involvedObject");
        var place = about.string("fieldPath");
        return "%-7s %-24s %s/%s%s x%d %s: %s"
                .formatted(
                        event.string("type"),
                        event.string("reason"),
                        about.string("kind"),
                        about.string("name"),
                        place.isEmpty() ? "" : " " + place,
                        count(event),
                        component(event),
                        event.string("message"));
    }

    static long count(JsonObject event) {
        return Math.max(
                1, Math.max(event.number("count", 0), event.object("series").number("count", 0)));
    }

    static String component(JsonObject event) {
        var source = event.object("source").string("component");
        return source.isEmpty() ? event.string("reportingComponent") : source;
    }

    private static List<String> answered(Happening.Answered answered) {
        boolean hook = answered.purpose().startsWith("lifecycle.");
        var purpose = answered.purpose().isEmpty() ? "" : answered.purpose() + " ";
        return said(
                hook ? "hook" : "probe",
                "%s/%s %s%s -> %s"
                        .formatted(
                                Happening.name(answered.pod()),
                                answered.container(),
                                purpose,
                                answered.question(),
                                answered.answer()));
    }
}
