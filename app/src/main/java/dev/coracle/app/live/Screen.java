// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Writes lines so that they are pleasant to read: columns, and on a terminal colours and one
/// progress line that is written over. Elsewhere, plain lines and no control codes.
public final class Screen {
    private static final String RESET = "\u001b[0m";
    private static final String DIM = "\u001b[2m";
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String ERASE_LINE = "\r\u001b[K";
    private static final String[] LOG_COLOURS = {
        "\u001b[36m", "\u001b[35m", "\u001b[33m", "\u001b[34m", "\u001b[32m"
    };

    private final PrintWriter out;
    private final boolean terminal;
    private final boolean severalPods;
    private final int podWidth;
    private final Map<String, String> colours = new LinkedHashMap<>();
    private boolean progressShown;

    /// `podWidth` is the length of the longest pod name that is expected; `severalPods` whether
    /// logs must say whose they are.
    public Screen(PrintWriter out, boolean terminal, boolean severalPods, int podWidth) {
        this.out = out;
        this.terminal = terminal;
        this.severalPods = severalPods;
        this.podWidth = podWidth;
    }

    public void show(LiveLine line) {
        if (progressShown) {
            out.print(ERASE_LINE);
            progressShown = false;
        }
        switch (line) {
            case LiveLine.Step step -> out.println(text(step));
            case LiveLine.Log log -> out.println(text(log));
            case LiveLine.Progress(var after, var text) -> {
                if (terminal) {
                    out.print(paint(DIM, clock(after) + "  " + text));
                    progressShown = true;
                }
            }
        }
        out.flush();
    }

    private String text(LiveLine.Step step) {
        var part = step.part().isEmpty() ? "" : step.part() + "  ";
        return "%s  %s  %s%s"
                .formatted(
                        paint(DIM, clock(step.after())),
                        pad("pod/" + step.pod(), podWidth + "pod/".length()),
                        part,
                        tone(step));
    }

    private String tone(LiveLine.Step step) {
        return switch (step.tone()) {
            case PLAIN -> step.text();
            case GOOD -> paint(GREEN, step.text());
            case BAD -> paint(RED, step.text());
        };
    }

    private String text(LiveLine.Log log) {
        var who = severalPods ? log.pod() + "/" + log.container() : log.container();
        var colour =
                colours.computeIfAbsent(who, _ -> LOG_COLOURS[colours.size() % LOG_COLOURS.length]);
        return paint(colour, who + " |") + " " + log.text();
    }

    private String paint(String colour, String text) {
        return terminal ? colour + text + RESET : text;
    }

    /// ` +0.1s`, `+12.0s`, `+3m05s`: seven characters wide until an hour has passed.
    static String clock(Duration after) {
        var text =
                after.toMinutes() < 1
                        ? String.format(Locale.ROOT, "+%.1fs", after.toMillis() / 1000.0)
                        : "+%dm%02ds".formatted(after.toMinutes(), after.toSecondsPart());
        return " ".repeat(Math.max(0, 7 - text.length())) + text;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
