// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptReaderTest {

    private static Script read(String text) throws IOException {
        return ScriptReader.read(
                "web.script.yaml",
                text.getBytes(StandardCharsets.UTF_8),
                file -> {
                    if (file.equals("more.yaml")) {
                        return List.of(JsonObject.EMPTY);
                    }
                    throw new IOException(file + ": there is no such file");
                });
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    @Test
    void aContainerHasOneRunOrSeveral() throws IOException {
        var script =
                read(
                        """
                        containers:
                          app: {ends: {after: 3s, exitCode: 2}}
                          web-*/side:
                            runs:
                            - {startDelay: 500ms, onTerm: ignored}
                            - {ends: {after: 1m, outOfMemory: true}}
                        """);

        assertThat(script.containers())
                .containsExactly(
                        new Script.Part(
                                "*",
                                "app",
                                new ContainerScript.Runs(
                                        List.of(ContainerScript.exits(2, seconds(3))))),
                        new Script.Part(
                                "web-*",
                                "side",
                                new ContainerScript.Runs(
                                        List.of(
                                                ContainerScript.runs()
                                                        .startingIn(Duration.ofMillis(500))
                                                        .ignoringTerm(),
                                                ContainerScript.runsOutOfMemory(seconds(60))))));
    }

    @Test
    void everythingThatARunMayDoIsRead() throws IOException {
        var script =
                read(
                        """
                        containers:
                          app:
                            memory: [{from: 5s, bytes: 1Mi}, {bytes: 512}]
                            terminationMessage: bye
                            files: [{path: /f, from: 1s, until: 2s, content: x}]
                            exec:
                            - {command: [pg_isready, -q], exitCode: 1, output: "no", takes: 10ms}
                            endpoints:
                            - {port: 80, path: /a, answers: [{from: 4s, delay: 1s}, {status: 503}]}
                            - {port: 81, whileFile: /f}
                            - {port: 82, grpc: NOT_SERVING}
                            - {port: 83, refused: true}
                            - {port: 84, redirect: /a}
                        """);

        var run = script.containers().getFirst().runs().run(0);
        assertThat(run.memory())
                .containsExactly(
                        new ContainerScript.MemoryUse(Duration.ZERO, 512),
                        new ContainerScript.MemoryUse(seconds(5), 1 << 20));
        assertThat(run.words()).isEqualTo(new ContainerScript.Words("bye", ""));
        assertThat(run.files()).containsExactly(new FileScript("/f", seconds(1), seconds(2), "x"));
        assertThat(run.commands())
                .containsExactly(
                        new CommandScript(
                                "pg_isready -q",
                                List.of(
                                        new CommandScript.Answer(
                                                Duration.ZERO, Duration.ofMillis(10), 1, "no"))));
        assertThat(run.endpoints())
                .extracting(endpoint -> endpoint.answers().getFirst().reply())
                .containsExactly(
                        new Endpoint.Reply.Http(503, ""),
                        new Endpoint.Reply.ByFile("/f", 200, 500),
                        new Endpoint.Reply.Grpc("NOT_SERVING"),
                        new Endpoint.Reply.Refuses(),
                        new Endpoint.Reply.Redirect(302, "/a"));
    }

    @Test
    void stepsAreInTheOrderOfTime() throws IOException {
        var script =
                read(
                        """
                        steps:
                        - {at: 10s, apply: more.yaml}
                        - {at: 5s, delete: {pod: web, gracePeriodSeconds: 0}}
                        - {at: 7s, exec: {pod: web, container: app, command: touch /f}}
                        until: 2h
                        """);

        var web = new ObjectKey("default", "web");
        assertThat(script.steps())
                .containsExactly(
                        new Step(seconds(5), new Step.Deed.Delete(web, 0L)),
                        new Step(
                                seconds(7), new Step.Deed.Exec(web, "app", List.of("touch", "/f"))),
                        new Step(seconds(10), new Step.Deed.Apply(List.of(JsonObject.EMPTY))));
        assertThat(script.until()).isEqualTo(Duration.ofHours(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    contaners: {}                        | contaners: unknown field; known here: containers, images, steps, until
                    containers: {app: {ends: {exitCode: 256}}} | containers[app].ends.exitCode: 256: must be a whole number from 0 to 255
                    containers: {app: {ends: {after: 5}}} | containers[app].ends.after: 5: must be a length of time with its unit, such as 10s
                    containers: {app: {ends: {after: 5x}}} | containers[app].ends.after: "5x": must be a length of time such as 500ms, 10s, 1m30s or 2h
                    containers: {app: {onTerm: dies}}    | containers[app].onTerm: "dies": must be ignored, or an object
                    containers: {app: {runs: []}}        | containers[app].runs: []: must have one at least
                    containers: {a/b/c: {}}              | containers[a/b/c]: must be named CONTAINER or POD/CONTAINER
                    containers: {app: {memory: [{bytes: much}]}} | containers[app].memory[0].bytes: "much": must be a quantity such as 64Mi
                    containers: {app: {endpoints: [{port: 0}]}} | containers[app].endpoints[0].port: 0: must be a whole number from 1 to 65535
                    containers: {app: {endpoints: [{path: /}]}} | containers[app].endpoints[0].port: required value
                    containers: {app: {endpoints: [{port: 1, grpc: FINE}]}} | containers[app].endpoints[0].grpc: "FINE": must be SERVING, NOT_SERVING, UNKNOWN or SERVICE_UNKNOWN
                    containers: {app: {files: [{path: tmp}]}} | containers[app].files[0].path: "tmp": must begin with /
                    containers: {app: {startError: x, ends: {}}} | containers[app].startError: "x": cannot be beside ends
                    images: {a: {failures: 2}}           | images[a].failures: 2: needs failure: what the runtime says
                    steps: [{at: 1s}]                    | steps[0]: says nothing to do; known: delete, exec, killSandbox, killContainer, restartKubelet, apply, setImage, setCondition
                    steps: [{delete: {}}]                | steps[0].delete.pod: required value
                    steps: [{delete: web}]               | steps[0].delete: "web": must be an object
                    steps: [{apply: less.yaml}]          | less.yaml: there is no such file
                    steps: [{setCondition: {pod: a, type: b, status: yes}}] | steps[0].setCondition.status: true: must be a text
                    until: soon                          | until: "soon": must be a length of time such as 500ms, 10s, 1m30s or 2h
                    """)
    void whatIsWrongIsNamedWithItsPlaceAndValue(String text, String complaint) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(IOException.class)
                .hasMessage("web.script.yaml: " + complaint);
    }

    @Test
    void aNameThatIsWrittenTwiceIsRefused() {
        assertThatThrownBy(() -> read("until: 1s\nuntil: 2s\n"))
                .hasMessage("web.script.yaml: until: written twice");
    }

    @Test
    void theScriptOfAManifestIsBesideIt() {
        assertThat(ScriptReader.beside("dir/web.yaml")).isEqualTo("dir/web.script.yaml");
        assertThat(ScriptReader.beside("web.json")).isEqualTo("web.script.yaml");
    }

    @Test
    void aStarStandsForAnyLetters() {
        var part =
                new Script.Part(
                        "web-*-x",
                        "app",
                        new ContainerScript.Runs(List.of(ContainerScript.runs())));

        assertThat(part.covers("web-1-x", "app")).isTrue();
        assertThat(part.covers("web--x", "app")).isTrue();
        assertThat(part.covers("web-x", "app")).isFalse();
        assertThat(part.covers("web-1-x", "other")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "500ms,500", "1.5s,1500", "1m30s,90000", "2h,7200000"})
    void lengthsOfTimeAreReadAsGoWritesThem(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"''", "5", "s", "-1s", "1d", "99999999999h"})
    void otherTextIsNoLengthOfTime(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
