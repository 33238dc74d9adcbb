// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The syntax of a CronJob's schedule: five fields, or a word like `@daily`.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax>
final class CronSyntax {
    private static final Set<String> WORDS =
            Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");
    private static final Pattern DURATION =
            Pattern.compile("[+-]?(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h))+");
    private static final List<String> MONTHS =
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");
    private static final List<String> DAYS =
            List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
    private static final List<Field> FIELDS =
            List.of(
                    new Field(0, 59, List.of()),
                    new Field(0, 23, List.of()),
                    new Field(1, 31, List.of()),
                    new Field(1, 12, MONTHS),
                    new Field(0, 6, DAYS));

    /// The values a field may hold, and the names of them from `least` on.
    private record Field(int least, int most, List<String> names) {}

    private static final class SyntaxException extends Exception {
        SyntaxException(String message) {
            super(message);
        }
    }

    private CronSyntax() {}

    /// What is wrong with `schedule`, in upstream's words; empty when nothing is.
    static Optional<String> problem(String schedule) {
        try {
            if (schedule.startsWith("@")) {
                word(schedule);
            } else {
                fields(schedule);
            }
            return Optional.empty();
        } catch (SyntaxException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static void word(String schedule) throws SyntaxException {
        var every = "@every ";
        if (schedule.startsWith(every)) {
            var duration = schedule.substring(every.length());
            if (!DURATION.matcher(duration).matches()) {
                throw new SyntaxException(
                        "failed to parse duration %s: time: invalid duration %s"
                                .formatted(schedule, Causes.quoted(duration)));
            }
        } else if (!WORDS.contains(schedule)) {
            throw new SyntaxException("unrecognized descriptor: " + schedule);
        }
    }

    private static void fields(String schedule) throws SyntaxException {
        var texts = new ArrayList<String>();
        for (var text : schedule.split("\\s+", -1)) {
            if (!text.isEmpty()) {
                texts.add(text);
            }
        }
        if (texts.size() != FIELDS.size()) {
            throw new SyntaxException(
                    "expected exactly %d fields, found %d: [%s]"
                            .formatted(FIELDS.size(), texts.size(), String.join(" ", texts)));
        }
        for (int i = 0; i < texts.size(); i++) {
            for (var range : texts.get(i).split(",", -1)) {
                if (!range.isEmpty()) {
                    range(range, FIELDS.get(i));
                }
            }
        }
    }

    private static void range(String text, Field field) throws SyntaxException {
        var steps = text.split("/", -1);
        var ends = steps[0].split("-", -1);
        int first;
        int last;
        if (ends[0].equals("*") || ends[0].equals("?")) {
            first = field.least();
            last = field.most();
        } else {
            first = value(ends[0], field);
            last = ends.length == 2 ? value(ends[1], field) : first;
            if (ends.length > 2) {
                throw new SyntaxException("too many hyphens: " + text);
            }
        }
        if (steps.length > 2) {
            throw new SyntaxException("too many slashes: " + text);
        }
        int step = steps.length == 2 ? number(steps[1]) : 1;
        if (steps.length == 2 && ends.length == 1) {
            last = field.most();
        }
        check(first, last, step, text, field);
    }

    private static void check(int first, int last, int step, String text, Field field)
            throws SyntaxException {
        if (first < field.least()) {
            throw new SyntaxException(
                    "beginning of range (%d) below minimum (%d): %s"
                            .formatted(first, field.least(), text));
        }
        if (last > field.most()) {
            throw new SyntaxException(
                    "end of range (%d) above maximum (%d): %s".formatted(last, field.most(), text));
        }
        if (first > last) {
            throw new SyntaxException(
                    "beginning of range (%d) beyond end of range (%d): %s"
                            .formatted(first, last, text));
        }
        if (step == 0) {
            throw new SyntaxException("step of range should be a positive number: " + text);
        }
    }

    private static int value(String text, Field field) throws SyntaxException {
        int named = field.names().indexOf(text.toLowerCase(Locale.ROOT));
        return named >= 0 ? named + field.least() : number(text);
    }

    private static int number(String text) throws SyntaxException {
        try {
            int number = Integer.parseInt(text);
            if (number < 0) {
                throw new SyntaxException(
                        "negative number (%d) not allowed: %s".formatted(number, text));
            }
            return number;
        } catch (NumberFormatException e) {
            throw new SyntaxException(
                    "failed to parse int from %s: strconv.Atoi: parsing %s: invalid syntax"
                            .formatted(text, Causes.quoted(text)));
        }
    }
}
