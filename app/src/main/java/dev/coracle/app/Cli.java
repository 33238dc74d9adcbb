// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line: its verbs, and what all of them have in common.
final class Cli {

    private Cli() {}

    /// The whole command line on a way to start nodes.
    static CommandLine of(NodeStarter starter, PrintWriter out, PrintWriter err) {
        var cli =
                new CommandLine(new Coracle())
                        .addSubcommand(new RunCommand(starter))
                        .addSubcommand(new UpCommand(starter))
                        .addSubcommand(new DownCommand(starter))
                        .addSubcommand(new KubeconfigCommand())
                        .addSubcommand(ImageCommand.of(starter))
                        .addSubcommand(new VersionCommand())
                        .addSubcommand(new RehearseCommand(starter));
        return cli.setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((misuse, _) -> explain(misuse))
                .setExecutionExceptionHandler(
                        (failure, command, _) -> {
                            if (failure instanceof IOException) {
                                command.getErr().println("coracle: " + failure.getMessage());
                                return CommandLine.ExitCode.SOFTWARE;
                            }
                            throw failure; // ours: show where
                        });
    }

    /// One line on what is wrong, one on what may have been meant, one on where to read more.
    private static int explain(ParameterException misuse) {
        var command = misuse.getCommandLine();
        var err = command.getErr();
        var unknown =
                misuse instanceof UnmatchedArgumentException unmatched
                        ? unmatched.getUnmatched().getFirst()
                        : "";
        if (unknown.isEmpty()) {
            err.println("coracle: " + misuse.getMessage());
        } else if (unknown.startsWith("-")) {
            err.printf("coracle: unknown flag %s%n", unknown);
        } else if (command.getSubcommands().isEmpty()) {
            err.printf("coracle: unexpected argument %s%n", unknown);
        } else {
            err.printf("coracle: unknown command %s%n", unknown);
        }
        if (!unknown.isEmpty()) {
            Suggestion.of(unknown, unknown.startsWith("-") ? flags(command) : verbs(command))
                    .ifPresent(meant -> err.printf("Did you mean %s?%n", meant));
        }
        err.printf("%s --help says more.%n", command.getCommandSpec().qualifiedName());
        return CommandLine.ExitCode.USAGE;
    }

    private static List<String> flags(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .flatMap(option -> Stream.of(option.names()))
                .toList();
    }

    private static List<String> verbs(CommandLine command) {
        return command.getSubcommands().entrySet().stream()
                .filter(verb -> !verb.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Command(
            name = "coracle",
            description = "A whole Kubernetes in one process, with real containers.",
            synopsisSubcommandLabel = "COMMAND",
            mixinStandardHelpOptions = false,
            footer = {
                "",
                "Examples:",
                "  coracle run examples/init-containers.yaml",
                "  coracle up --detach && export KUBECONFIG=/var/lib/coracle/kubeconfig",
                "",
                "coracle COMMAND --help says more."
            })
    private static final class Coracle implements Callable<Integer> {
        @Spec private CommandSpec spec = CommandSpec.create();

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help.")
        private boolean help;

        @Override
        public Integer call() {
            throw new ParameterException(spec.commandLine(), "a command is missing");
        }
    }

    /// What every verb has: `--help`, and a place to say things.
    abstract static class Verb implements Callable<Integer> {
        @Spec private CommandSpec spec = CommandSpec.create();

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help.")
        private boolean help;

        final PrintWriter out() {
            return spec.commandLine().getOut();
        }

        /// One sentence for the user, beside the output proper.
        final void say(String sentence) {
            spec.commandLine().getErr().println("coracle: " + sentence);
        }

        final ParameterException misuse(String what) {
            return new ParameterException(spec.commandLine(), what);
        }

        @Override
        public abstract Integer call() throws Exception;
    }
}
