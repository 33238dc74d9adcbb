// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CliTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyCommandHasHelpWithAnExample() {
        for (var command : commands(cli(), new ArrayList<>())) {
            var help = command.getUsageMessage();
            assertThat(help)
                    .as("help of %s", command.getCommandSpec().qualifiedName())
                    .contains("Example")
                    .contains("--help")
                    .contains("  " + command.getCommandSpec().qualifiedName());
        }
    }

    @Test
    void helpGoesToStandardOutputAndIsASuccess() {
        assertThat(run("run", "--help")).isZero();
        assertThat(out.toString()).contains("Usage: coracle run", "FILE...");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void anUnknownCommandGetsASuggestion() {
        assertThat(run("rnu", "x.yaml")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "coracle: unknown command rnu",
                        "Did you mean run?",
                        "coracle --help says more.");
    }

    @Test
    void anUnknownFlagGetsASuggestion() {
        assertThat(run("up", "--prot", "6443")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "coracle: unknown flag --prot",
                        "Did you mean --port?",
                        "coracle up --help says more.");
    }

    @Test
    void aWordThatNobodyAskedForIsNamed() {
        assertThat(run("down", "now")).isEqualTo(2);
        assertThat(err.toString()).startsWith("coracle: unexpected argument now");
    }

    @Test
    void aHiddenCommandIsNotSuggested() {
        assertThat(run("rehearsal")).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("rehearse");
    }

    @Test
    void aCommandMustBeGiven() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).startsWith("coracle: a command is missing");
        assertThat(run("image")).isEqualTo(2);
        assertThat(err.toString()).contains("ls, pull, import, tag or rm");
    }

    @Test
    void aWrongValueIsMisuse() {
        assertThat(run("up", "--port", "70000")).isEqualTo(2);
        assertThat(err.toString()).startsWith("coracle: --port: 70000 is not between 0 and 65535");
    }

    @Test
    void aFileThatIsNotThereIsOneSentence() {
        assertThat(run("run", "no-such-file.yaml")).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly("coracle: no-such-file.yaml: there is no such file");
    }

    @Test
    void aFileThatMayNotBeOpenedIsOneSentence() {
        var nodes =
                new NoNodes() {
                    @Override
                    public ImageStore images(Path dataDirectory, Consumer<String> say)
                            throws IOException {
                        throw new AccessDeniedException(dataDirectory.toString());
                    }
                };
        var cli = Cli.of(nodes, new PrintWriter(out, true), new PrintWriter(err, true));

        assertThat(cli.execute("image", "ls", "--data-dir", "/srv/node")).isEqualTo(1);
        assertThat(err.toString().lines()).containsExactly("coracle: /srv/node: permission denied");
    }

    @Test
    void theKubeconfigOfANodeIsPrinted(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("kubeconfig"), "kind: Config\n");
        assertThat(run("kubeconfig", "--data-dir", directory.toString())).isZero();
        assertThat(out).hasToString("kind: Config\n");
    }

    @Test
    void aDirectoryWithoutANodeHasNoKubeconfig(@TempDir Path directory) {
        assertThat(run("kubeconfig", "--data-dir", directory.toString())).isEqualTo(1);
        assertThat(err.toString())
                .contains("there is no node in " + directory, "coracle up --detach");
    }

    @Test
    void theVersionNamesAllThree() {
        assertThat(run("version")).isZero();
        assertThat(out.toString())
                .matches("coracle \\d+\\.\\d+\\.\\d+\\S*, Kubernetes v1\\.36, Java 25.*\n");
    }

    private int run(String... args) {
        return cli().execute(args);
    }

    private CommandLine cli() {
        return Cli.of(new NoNodes(), new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private static List<CommandLine> commands(CommandLine root, List<CommandLine> all) {
        all.add(root);
        root.getSubcommands().values().forEach(child -> commands(child, all));
        return all;
    }
}
