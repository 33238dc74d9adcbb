// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import dev.coracle.app.live.LiveLine.Tone;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What events add to what pods themselves tell: image pulls, and warnings.
final class EventStory {
    private static final Pattern PULLED =
            Pattern.compile("Successfully pulled image \"(.*)\" in ([^ ]+).*");
    private static final Pattern CONTAINER = Pattern.compile("spec\\.\\w+\\{(.*)}");

    /// Warnings whose substance the pod's own status tells better.
    private static final Set<String> TOLD_BY_STATUS = Set.of("BackOff", "FailedScheduling");

    private EventStory() {}

    /// Null when the event adds nothing.
    static LiveLine.@Nullable Step step(JsonObject event, Duration after) {
        var about = event.object("involvedObject");
        if (!about.string("kind").equals("Pod")) {
            return null;
        }
        var reason = event.string("reason");
        var text = text(event, reason);
        if (text == null) {
            return null;
        }
        var container = CONTAINER.matcher(about.string("fieldPath"));
        return new LiveLine.Step(
                after,
                about.string("name"),
                container.matches() ? container.group(1) : "",
                text,
                event.string("type").equals("Warning") ? Tone.BAD : Tone.PLAIN);
    }

    private static @Nullable String text(JsonObject event, String reason) {
        var message = event.string("message");
        if (reason.equals("Pulling")) {
            return message.replaceFirst("Pulling image \"(.*)\"", "pulling $1");
        }
        var pulled = PULLED.matcher(message);
        if (reason.equals("Pulled")) {
            return pulled.matches()
                    ? "pulled %s in %s".formatted(pulled.group(1), pulled.group(2))
                    : null;
        }
        if (!event.string("type").equals("Warning") || TOLD_BY_STATUS.contains(reason)) {
            return null;
        }
        long count = event.number("count", 1);
        return "%s%s: %s".formatted(reason, count > 1 ? " (x" + count + ")" : "", message);
    }
}
