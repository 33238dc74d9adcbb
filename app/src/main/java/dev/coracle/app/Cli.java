// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
                        .addSubcommand(new SimulateCommand())
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
                            var cause =
                                    failure instanceof UncheckedIOException unchecked
                                            ? unchecked.getCause()
                                            : failure;
                            if (cause instanceof IOException outside) {
                                command.getErr().println("coracle: " + sentence(outside));
                                return CommandLine.ExitCode.SOFTWARE;
                            }
                            throw failure; // ours: show where
                        });
    }

    /// What went wrong. The JDK tells some failures by their class, with the file's name as the
    /// whole message.
    private static @Nullable String sentence(IOException failure) {
        if (!(failure instanceof FileSystemException file) || file.getReason() != null) {
            return failure.getMessage();
        }
        return file.getMessage()
                + switch (file) {
                    case AccessDeniedException _ -> ": permission denied";
                    case NoSuchFileException _ -> ": no such file or directory";
                    case FileAlreadyExistsException _ -> ": exists already";
                    case NotDirectoryException _ -> ": not a directory";
                    case DirectoryNotEmptyException _ -> ": not empty";
                    default -> "";
                };
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
