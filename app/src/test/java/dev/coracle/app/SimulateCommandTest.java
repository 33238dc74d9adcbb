// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonReader;
import dev.coracle.sim.script.ScriptReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {
    private static final Path ROOT = Path.of(System.getProperty("repository.root"));
    private static final String POD =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              containers:
              - name: app
                image: demo:1
                readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 2}
                lifecycle: {postStart: {exec: {command: [warm-up]}}}
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory = Path.of("");

    @Test
    void theLifeOfAPodIsShownLineByLine() throws IOException {
        assertThat(simulate(file("web.yaml", POD))).isZero();

        assertThat(out.toString().lines().map(line -> line.substring(0, 30)))
                .startsWith(
                        "   0.000 ADDED    web phase=Pe",
                        "   0.001 MODIFIED web phase=Pe",
                        "   0.001 Normal  Scheduled    ");
        assertThat(out.toString())
                .contains("started  web/app restarts=0")
                .contains("hook     web/app lifecycle.postStart exec warm-up -> exit 0")
                .contains("probe    web/app readinessProbe GET http://10.0.0.3:8080/ready -> 200")
                .contains("app=running ready=True");
        assertThat(err.toString().lines())
                .containsExactly(
                        "coracle: assumed, because no script says otherwise: web/app runs until it"
                                + " is stopped; web/app \"warm-up\" exits with 0; web/app answers"
                                + " on port 8080");
    }

    @Test
    void theScriptBesideTheFileIsRead() throws IOException {
        file("web.script.yaml", "containers: {app: {ends: {after: 3s, exitCode: 9}}}");

        assertThat(simulate(file("web.yaml", POD), "--until", "5s")).isZero();

        assertThat(out.toString()).contains("   3.143 ended    web/app restarts=0 exit=9 Error");
    }

    @Test
    void anotherScriptTakesItsPlace() throws IOException {
        file("web.script.yaml", "no: script");
        var other = file("other.yaml", "containers: {app: {startDelay: 2s}}");

        assertThat(simulate(file("web.yaml", POD), "--script", other, "--until", "5s")).isZero();

        assertThat(out.toString()).contains("   2.143 started  web/app restarts=0");
    }

    @Test
    void everyLineIsAnObjectWhenAskedFor() throws IOException {
        assertThat(simulate(file("web.yaml", POD), "-o", "json", "--until", "10s")).isZero();

        var whats =
                out.toString()
                        .lines()
                        .map(JsonReader::parseObject)
                        .map(line -> line.string("what"))
                        .collect(Collectors.toSet());
        assertThat(whats).containsExactlyInAnyOrder("pod", "event", "started", "answer");
    }

    @Test
    void theSameSeedShowsTheSame() throws IOException {
        var web = file("web.yaml", POD);

        simulate(web, "--until", "10s", "--seed", "7");
        var first = out.toString();
        out.getBuffer().setLength(0);
        simulate(web, "--until", "10s", "--seed", "7");

        assertThat(out).hasToString(first);
        out.getBuffer().setLength(0);
        simulate(web, "--until", "10s", "--seed", "8");
        assertThat(out.toString()).isNotEqualTo(first);
    }

    @Test
    void stepsApplyOtherFiles() throws IOException {
        file("more.yaml", POD.replace("name: web", "name: more"));
        file("web.script.yaml", "steps: [{at: 2s, apply: more.yaml}]");

        assertThat(simulate(file("web.yaml", POD), "--until", "4s")).isZero();

        assertThat(out.toString())
                .contains("   2.000 step     apply Pod/more")
                .contains("started  more/app");
    }

    @Test
    void whatNothingActsOnIsNamed() throws IOException {
        var quota =
                """
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: little}
                spec: {hard: {pods: "3"}}
                """;

        assertThat(simulate(file("quota.yaml", quota))).isZero();

        assertThat(err.toString())
                .contains(
                        "ResourceQuota \"little\" is stored, but nothing in this version acts on it");
    }

    @Test
    void badInputIsNamedAndNothingIsShown() throws IOException {
        var web = file("web.yaml", POD);
        var bad = file("bad.yaml", POD + "---\n" + POD.replace("image", "imag"));
        var script = file("script.yaml", "containers: {app: {onTerm: {exitCode: -1}}}");

        assertRefused("must be a length of time", web, "--until", "soon");
        assertRefused("--node-cpu: none: must be a quantity", web, "--node-cpu", "none");
        assertRefused("--output: xml: must be text or json", web, "-o", "xml");
        assertRefused("unknown field \"spec.containers[0].imag\"", bad);
        assertRefused("there is no such file", directory.resolve("absent.yaml").toString());
        assertRefused(
                "containers[app].onTerm.exitCode: -1: must be a whole number",
                web,
                "--script",
                script);
    }

    private void assertRefused(String why, String... args) {
        assertThat(simulate(args)).as(why).isEqualTo(2);
        assertThat(err.toString()).contains(why).contains("coracle simulate --help says more.");
        assertThat(out).hasToString("");
        err.getBuffer().setLength(0);
    }

    @Test
    void theNodeIsAsAskedFor() throws IOException {
        var web = file("web.yaml", POD);

        assertThat(simulate(web, "--node-name", "barn", "--until", "1s")).isZero();

        assertThat(out.toString()).contains("Successfully assigned default/web to barn");
    }

    @Test
    void theExampleIsRestartedByItsLivenessProbe() {
        assertThat(simulate(ROOT.resolve("examples/slow-start.yaml").toString())).isZero();

        assertThat(out.toString()).contains("Container web failed liveness probe");
    }

    @Test
    void theScriptInTheReferenceIsOne() throws IOException {
        var reference = Files.readString(ROOT.resolve("docs/reference/simulate.md"));
        var script = reference.substring(reference.indexOf("    # shop.script.yaml"));

        var read =
                ScriptReader.read(
                        "shop.script.yaml",
                        script.stripIndent().getBytes(StandardCharsets.UTF_8),
                        _ -> List.of());

        assertThat(read.steps()).hasSize(3);
    }

    private String file(String name, String text) throws IOException {
        var file = directory.resolve(name);
        Files.writeString(file, text);
        return file.toString();
    }

    private int simulate(String... args) {
        var all = new String[args.length + 1];
        all[0] = "simulate";
        System.arraycopy(args, 0, all, 1, args.length);
        return Cli.of(new LocalNodes(), new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(all);
    }
}
