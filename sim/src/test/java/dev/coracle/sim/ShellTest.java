// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.ExecResult;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import dev.coracle.sim.script.CommandScript;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.FileScript;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Play play = new Play();

    private String app(ContainerScript script) {
        play.runtime.container("app", script);
        return play.start("app");
    }

    private RuntimeReply sh(String id, String text) {
        return play.exec(id, LONG, "sh", "-c", text);
    }

    @Test
    void filesAreThereWhileTheScriptSaysSo() {
        var id =
                app(
                        ContainerScript.runs()
                                .withFiles(
                                        new FileScript(
                                                "/tmp/healthy",
                                                Duration.ofSeconds(2),
                                                Duration.ofSeconds(5),
                                                "yes")));

        var missing = "cat: can't open '/tmp/healthy': No such file or directory\n";
        assertThat(play.exec(id, LONG, "cat", "/tmp/healthy"))
                .isEqualTo(new ExecResult(1, missing));
        play.world.advance(Duration.ofSeconds(3));
        assertThat(play.exec(id, LONG, "cat", "/tmp/healthy")).isEqualTo(new ExecResult(0, "yes"));
        assertThat(play.exec(id, LONG, "test", "-f", "/tmp/healthy"))
                .isEqualTo(new ExecResult(0, ""));
        play.world.advance(Duration.ofSeconds(3));
        assertThat(play.exec(id, LONG, "cat", "/tmp/healthy"))
                .isEqualTo(new ExecResult(1, missing));
    }

    @Test
    void commandsTouchAndRemoveFiles() {
        var id = app(ContainerScript.runs());

        assertThat(sh(id, "touch /a; echo 'x y' > /b && cat /b"))
                .isEqualTo(new ExecResult(0, "x y\n"));
        assertThat(sh(id, "rm /a && test -f /a")).isEqualTo(new ExecResult(1, ""));
        assertThat(play.exec(id, LONG, "rm", "/a"))
                .isEqualTo(new ExecResult(1, "rm: can't remove '/a': No such file or directory\n"));
        assertThat(play.exec(id, LONG, "rm", "-f", "/a")).isEqualTo(new ExecResult(0, ""));
    }

    @Test
    void statementsAreJoinedAsAShellDoes() {
        var id = app(ContainerScript.runs());

        assertThat(sh(id, "false && echo no; echo yes")).isEqualTo(new ExecResult(0, "yes\n"));
        assertThat(sh(id, "false || echo yes")).isEqualTo(new ExecResult(0, "yes\n"));
        assertThat(sh(id, "echo oops; exit 4")).isEqualTo(new ExecResult(4, "oops\n"));
        assertThat(sh(id, "true; false")).isEqualTo(new ExecResult(1, ""));
    }

    @Test
    void sleepingTakesTimeAndTheTimeoutEndsIt() {
        var id = app(ContainerScript.runs());
        var begun = play.world.instant();

        assertThat(sh(id, "sleep 2; touch /done")).isEqualTo(new ExecResult(0, ""));
        assertThat(Duration.between(begun, play.world.instant()).toSeconds()).isEqualTo(2);
        assertThat(play.exec(id, Duration.ofSeconds(1), "sh", "-c", "rm /done; sleep 5; touch /x"))
                .isEqualTo(
                        new Failed(
                                Failed.Kind.TIMEOUT,
                                "rpc error: code = DeadlineExceeded desc = failed to exec in"
                                        + " container: timeout 1s exceeded: context deadline"
                                        + " exceeded"));
        play.world.advance(Duration.ofSeconds(10));
        assertThat(sh(id, "test -f /x")).isEqualTo(new ExecResult(1, ""));
        assertThat(sh(id, "test -f /done")).isEqualTo(new ExecResult(1, ""));
    }

    @Test
    void aCommandEndsWithItsContainer() {
        var id = app(ContainerScript.exits(0, Duration.ofSeconds(3)));

        assertThat(play.exec(id, LONG, "sleep", "20")).isEqualTo(new ExecResult(137, ""));
        assertThat(play.exec(id, LONG, "true"))
                .isEqualTo(new Failed(Failed.Kind.NOT_FOUND, "container is not running"));
    }

    @Test
    void theScriptAnswersFirst() {
        var first = new CommandScript.Answer(Duration.ZERO, Duration.ZERO, 2, "no\n");
        var later =
                new CommandScript.Answer(Duration.ofSeconds(5), Duration.ofSeconds(1), 0, "ok\n");
        var id =
                app(
                        ContainerScript.runs()
                                .answering(new CommandScript("pg_isready", List.of(first, later))));

        assertThat(play.exec(id, LONG, "pg_isready")).isEqualTo(new ExecResult(2, "no\n"));
        assertThat(sh(id, "pg_isready || echo waiting"))
                .isEqualTo(new ExecResult(0, "no\nwaiting\n"));
        play.world.advance(Duration.ofSeconds(6));
        assertThat(sh(id, "pg_isready")).isEqualTo(new ExecResult(0, "ok\n"));
        assertThat(play.runtime.assumptions()).isEmpty();
    }

    @Test
    void whatNobodyKnowsSucceedsAndIsNamed() {
        var id = app(ContainerScript.runs());

        assertThat(play.exec(id, LONG, "nginx", "-t")).isEqualTo(new ExecResult(0, ""));
        assertThat(sh(id, "while true; do date; done | head")).isEqualTo(new ExecResult(0, ""));
        assertThat(play.runtime.assumptions())
                .containsExactly(
                        "web/app \"nginx -t\" exits with 0",
                        "web/app \"while true; do date; done | head\" exits with 0");
    }
}
