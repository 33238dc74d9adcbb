// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a cluster was seen to do: the states of each pod in order, and the events. What differs
/// from run to run (names, uids, addresses, times) is taken out, and states that repeat are one.
record Recording(Map<String, List<String>> states, Set<String> events) {
    private static final Pattern STATE =
            Pattern.compile("\\s*[\\d.]+ (ADDED|MODIFIED|DELETED)\\s+(\\S+) (phase=.*)");
    private static final Pattern EVENT =
            Pattern.compile(
                    "\\s*[\\d.]+ (Normal|Warning)\\s+(\\S+)\\s+(\\S+)( spec\\S+)? x\\d+ ([^:]+): (.*)");
    private static final Pattern CONDITIONS = Pattern.compile("\\[([^\\]]*)\\]");

    static Recording of(List<String> lines) {
        var states = new LinkedHashMap<String, List<String>>();
        var events = new LinkedHashSet<String>();
        for (var line : lines) {
            var state = STATE.matcher(line);
            if (state.matches()) {
                addState(state, states);
            }
            var event = EVENT.matcher(line);
            if (event.matches()) {
                var place = event.group(4) == null ? "" : event.group(4).strip();
                events.add(
                        plain(
                                String.join(
                                        " ",
                                        event.group(1),
                                        event.group(2),
                                        event.group(3).replaceFirst("/.*", ""),
                                        place,
                                        event.group(6))));
            }
        }
        return new Recording(states, events);
    }

    private static void addState(Matcher line, Map<String, List<String>> states) {
        var name = plain(line.group(2).replaceFirst(".*/", ""));
        var text =
                CONDITIONS
                        .matcher(plain(line.group(3)))
                        .replaceFirst(found -> Matcher.quoteReplacement(sorted(found.group(1))));
        var state = line.group(1).equals("DELETED") ? "DELETED " + text : text;
        var sequence = states.computeIfAbsent(name, _ -> new ArrayList<>());
        if (sequence.isEmpty() || !sequence.getLast().equals(state)) {
            sequence.add(state);
        }
    }

    private static String sorted(String conditions) {
        var each = conditions.split(" ");
        Arrays.sort(each);
        return "[" + String.join(" ", each) + "]";
    }

    private static String plain(String text) {
        return text.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID")
                .replaceAll("\\b(containerd://)?[0-9a-f]{64}\\b", "ID")
                .replaceAll("\\b\\d{1,3}(\\.\\d{1,3}){3}(:\\d+)?\\b", "IP")
                .replaceAll("\\bg-[a-z0-9-]+\\b", "NS")
                .replaceAll("(assigned \\S+ to) \\S+", "$1 NODE")
                .replaceAll("\\b([a-z0-9-]+?)-[bcdfghjklmnpqrstvwxz2456789]{5}\\b", "$1-SUFFIX")
                .replaceAll("in \\d+(\\.\\d+)?(ms|s|m)[\\w.]*( \\([^)]*\\))?", "in T")
                .replaceAll("Image size: \\d+ bytes", "Image size")
                .strip();
    }

    /// How much of this recording another one has.
    Likeness likeness(Recording other) {
        int expected = 0;
        int matched = 0;
        var missing = new ArrayList<String>();
        var extra = new ArrayList<String>();
        for (var pod : states.entrySet()) {
            var theirs = other.states.getOrDefault(pod.getKey(), List.of());
            expected += pod.getValue().size();
            matched += longestCommon(pod.getValue(), theirs);
            missing.addAll(without(pod.getValue(), theirs));
            extra.addAll(without(theirs, pod.getValue()));
        }
        var absent = without(events, other.events);
        missing.addAll(absent);
        extra.addAll(without(other.events, events));
        return new Likeness(
                matched, expected, events.size() - absent.size(), events.size(), missing, extra);
    }

    private static List<String> without(Collection<String> some, Collection<String> others) {
        return some.stream().filter(one -> !others.contains(one)).distinct().toList();
    }

    /// `missing` are the recorded states and events that the other one lacks, `extra` those that it
    /// alone has.
    record Likeness(
            int states,
            int ofStates,
            int events,
            int ofEvents,
            List<String> missing,
            List<String> extra) {

        int matched() {
            return states + events;
        }

        int of() {
            return ofStates + ofEvents;
        }

        @Override
        public String toString() {
            return "states %d/%d events %d/%d extra %d"
                    .formatted(states, ofStates, events, ofEvents, extra.size());
        }

        /// What is not the same, a line each.
        String differences() {
            return "- " + String.join("\n- ", missing) + "\n+ " + String.join("\n+ ", extra);
        }
    }

    /// The length of the longest sequence that both have, with anything in between.
    static int longestCommon(List<String> one, List<String> other) {
        var lengths = new int[one.size() + 1][other.size() + 1];
        for (int i = 1; i <= one.size(); i++) {
            for (int j = 1; j <= other.size(); j++) {
                lengths[i][j] =
                        one.get(i - 1).equals(other.get(j - 1))
                                ? lengths[i - 1][j - 1] + 1
                                : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
            }
        }
        return lengths[one.size()][other.size()];
    }
}
