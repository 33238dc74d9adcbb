// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.sim.script.CommandScript;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Commands run in a pretended container, in virtual time: what its script answers, and a few that
/// every image is taken to have, with the messages of busybox: `cat`, `test`, `touch`, `rm`,
/// `echo`, `sleep`, `exit`, `true`, `false`, and `sh -c` of them joined by `;`, `&&` and `||`.
///
/// Any other command succeeds at once; `unknown` is told of it.
final class Shell {
    private static final int NOT_FOUND = 127;

    private final World world;
    private final PretendedContainer container;
    private final Consumer<String> unknown;
    private final StringBuilder output = new StringBuilder();
    private final Runnable onEnd;
    private @Nullable Consumer<Result> then;

    /// What came of a command; output is stdout and stderr as they came.
    record Result(int exitCode, String output) {}

    Shell(World world, PretendedContainer container, Consumer<String> unknown) {
        this.world = world;
        this.container = container;
        this.unknown = unknown;
        this.onEnd = this::killed;
    }

    /// Runs it; `then` is told once, also when the container ends before the command.
    void run(List<String> command, Consumer<Result> done) {
        then = done;
        container.onEnd(onEnd);
        var text = textOf(command);
        var scripted = scripted(String.join(" ", command), text);
        if (scripted != null) {
            play(scripted, this::finish);
            return;
        }
        var statements = text == null ? List.of(new Statement("", command)) : parse(text);
        if (statements == null) {
            unknown.accept(text == null ? String.join(" ", command) : text);
            finish(0);
        } else {
            next(new ArrayDeque<>(statements), 0);
        }
    }

    /// Nobody waits for it any more.
    void abandon() {
        then = null;
        container.notOnEnd(onEnd);
    }

    private void killed() {
        finish(137);
    }

    private void finish(int exitCode) {
        var waiting = then;
        abandon();
        if (waiting != null) {
            waiting.accept(new Result(exitCode, output.toString()));
        }
    }

    /// The text of `sh -c TEXT`, null of anything else.
    private static @Nullable String textOf(List<String> command) {
        boolean shell =
                command.size() == 3
                        && command.get(0).matches("(/bin/)?(sh|ash|bash)")
                        && command.get(1).matches("-e?c");
        return shell ? command.get(2) : null;
    }

    private @Nullable CommandScript scripted(String whole, @Nullable String text) {
        for (var script : container.script.commands()) {
            if (script.command().equals(whole) || script.command().equals(text)) {
                return script;
            }
        }
        return null;
    }

    private void play(CommandScript script, Consumer<Integer> exit) {
        CommandScript.@Nullable Answer answer = null;
        for (var candidate : script.answers()) {
            answer = candidate.from().compareTo(container.age()) <= 0 ? candidate : answer;
        }
        if (answer == null) {
            output.append("sh: ").append(script.command()).append(": not found\n");
            exit.accept(NOT_FOUND);
            return;
        }
        var given = answer;
        after(
                given.takes(),
                () -> {
                    output.append(given.output());
                    exit.accept(given.exitCode());
                });
    }

    private void after(Duration time, Runnable what) {
        if (time.isZero()) {
            what.run();
        } else {
            world.in(
                    time,
                    () -> {
                        if (then != null) {
                            what.run();
                        }
                    });
        }
    }

    // ---- statements

    /// `joint` is what stands before it: nothing or `;`, `&&`, `||`.
    private record Statement(String joint, List<String> words) {}

    private void next(Deque<Statement> rest, int last) {
        var statement = rest.poll();
        if (statement == null) {
            finish(last);
            return;
        }
        boolean skipped =
                (statement.joint().equals("&&") && last != 0)
                        || (statement.joint().equals("||") && last == 0);
        if (skipped) {
            next(rest, last);
        } else if (statement.words().getFirst().equals("exit")) {
            var words = statement.words();
            finish(words.size() > 1 ? number(words.get(1)) : last);
        } else {
            execute(statement.words(), code -> next(rest, code));
        }
    }

    private void execute(List<String> words, Consumer<Integer> exit) {
        var scripted = scripted(String.join(" ", words), null);
        if (scripted != null) {
            play(scripted, exit);
            return;
        }
        var arguments = words.subList(1, words.size());
        switch (words.getFirst()) {
            case "true", ":" -> exit.accept(0);
            case "false" -> exit.accept(1);
            case "sleep" ->
                    after(
                            Duration.ofMillis(
                                    arguments.isEmpty() ? 0 : millis(arguments.getFirst())),
                            () -> exit.accept(0));
            case "cat" -> exit.accept(cat(arguments));
            case "touch" -> {
                arguments.forEach(file -> container.write(file, container.content(file)));
                exit.accept(0);
            }
            case "rm" -> exit.accept(rm(arguments));
            case "test" -> exit.accept(test(arguments));
            case "[" -> exit.accept(test(arguments.subList(0, Math.max(0, arguments.size() - 1))));
            case "echo" -> exit.accept(echo(arguments));
            default -> {
                unknown.accept(String.join(" ", words));
                exit.accept(0);
            }
        }
    }

    private int cat(List<String> files) {
        int code = 0;
        for (var file : files) {
            if (container.hasFile(file)) {
                output.append(container.content(file));
            } else {
                output.append("cat: can't open '%s': No such file or directory\n".formatted(file));
                code = 1;
            }
        }
        return code;
    }

    private int rm(List<String> arguments) {
        boolean quiet = arguments.stream().anyMatch(word -> word.matches("-r?f|-fr"));
        int code = 0;
        for (var file : arguments) {
            if (container.hasFile(file)) {
                container.remove(file);
            } else if (!quiet && !file.startsWith("-")) {
                output.append("rm: can't remove '%s': No such file or directory\n".formatted(file));
                code = 1;
            }
        }
        return code;
    }

    private int test(List<String> words) {
        boolean not = !words.isEmpty() && words.getFirst().equals("!");
        var expression = not ? words.subList(1, words.size()) : words;
        boolean holds =
                expression.size() == 2
                        && expression.getFirst().matches("-[efrs]")
                        && container.hasFile(expression.get(1));
        return holds == not ? 1 : 0;
    }

    private int echo(List<String> words) {
        int arrow = Math.max(words.indexOf(">"), words.indexOf(">>"));
        var said = String.join(" ", arrow < 0 ? words : words.subList(0, arrow)) + "\n";
        if (arrow >= 0 && arrow + 1 < words.size()) {
            var file = words.get(arrow + 1);
            var before = words.get(arrow).equals(">>") ? container.content(file) : "";
            container.write(file, before + said);
        } else {
            output.append(said);
        }
        return 0;
    }

    private static int number(String word) {
        return word.matches("\\d{1,3}") ? Integer.parseInt(word) & 0xff : 2;
    }

    private static long millis(String seconds) {
        return seconds.matches("\\d{1,8}(\\.\\d{1,3})?")
                ? (long) (Double.parseDouble(seconds) * 1_000)
                : 0;
    }

    /// The statements of a shell text; null when it has anything else in it.
    private static @Nullable List<Statement> parse(String text) {
        var statements = new ArrayList<Statement>();
        var words = new ArrayList<String>();
        var joint = "";
        for (var token : tokens(text)) {
            if (token.matches("\\||&|\\$.*|`.*|<|while|if|for|\\(|\\)|\\{|\\}|trap")) {
                return null;
            }
            if (token.equals(";") || token.equals("&&") || token.equals("||")) {
                if (words.isEmpty()) {
                    return null;
                }
                statements.add(new Statement(joint, List.copyOf(words)));
                words.clear();
                joint = token;
            } else {
                words.add(token);
            }
        }
        if (!words.isEmpty()) {
            statements.add(new Statement(joint, List.copyOf(words)));
        }
        return statements.isEmpty() ? null : statements;
    }

    /// Words and operators; quotes keep what is between them together.
    private static List<String> tokens(String text) {
        var tokens = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (Character.isWhitespace(c) || ";&|<>".indexOf(c) >= 0) {
                take(word, tokens);
                if (!Character.isWhitespace(c)) {
                    boolean twice = i + 1 < text.length() && text.charAt(i + 1) == c && c != ';';
                    tokens.add(twice ? "" + c + c : "" + c);
                    i += twice ? 1 : 0;
                }
            } else {
                word.append(c);
            }
        }
        take(word, tokens);
        return tokens;
    }

    private static void take(StringBuilder word, List<String> tokens) {
        if (!word.isEmpty()) {
            tokens.add(word.toString());
            word.setLength(0);
        }
    }
}
