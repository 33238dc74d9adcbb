// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What people do with kubectl all day.
///
/// <https://kubernetes.io/docs/reference/kubectl/quick-reference/>
@Timeout(300)
class KubectlOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = new RealNode();

    private static final String WEB =
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels: {app: web}
            spec:
              terminationGracePeriodSeconds: 1
              initContainers:
              - name: one
                image: coracle.local/toolbox:1
                command: [sh, -c, "echo prepared"]
              containers:
              - name: app
                image: coracle.local/toolbox:1
                command: [sh, -c, "echo first; echo second; sleep 3600"]
            """;

    /// Says when it started and fails a second later, again and again.
    private static final String FLICKERING =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: flickering}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - name: app
                image: coracle.local/toolbox:1
                command: [sh, -c, "echo life of $HOSTNAME; sleep 1; echo over; exit 1"]
            """;

    static List<String> kubectls() {
        return RealNode.kubectls();
    }

    private static String namespaceFor(String purpose, String binary) {
        return purpose + "-" + Math.max(0, kubectls().indexOf(binary));
    }

    private static Kubectl withWeb(String binary, String purpose) {
        var kubectl = NODE.namespace(binary, namespaceFor(purpose, binary));
        kubectl.apply(WEB).ok();
        assertThat(kubectl.run("wait", "--for=condition=Ready", "pod/web", "--timeout=60s").ok())
                .isEqualTo("pod/web condition met\n");
        return kubectl;
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void theServerAndItsKindsAreKnown(String binary) {
        var kubectl = NODE.kubectl(binary);
        assertThat(kubectl.run("version").ok()).contains("Server Version: v1.36.");
        assertThat(kubectl.run("api-resources").ok())
                .containsPattern("(?m)^pods +po +v1 +true +Pod$")
                .containsPattern("(?m)^deployments +deploy +apps/v1 +true +Deployment$")
                .containsPattern("(?m)^nodes +no +v1 +false +Node$");
        assertThat(kubectl.run("get", "nodes", "--no-headers").ok())
                .containsPattern("^yard +Ready ");
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void objectsAreShownInEveryForm(String binary) {
        var kubectl = withWeb(binary, "shown");
        var namespace = namespaceFor("shown", binary);

        assertThat(kubectl.apply(WEB).ok()).isEqualTo("pod/web unchanged\n");
        assertThat(kubectl.run("get", "pods").ok())
                .containsPattern(
                        "^NAME +READY +STATUS +RESTARTS +AGE\nweb +1/1 +Running +0 +\\d+s");
        assertThat(kubectl.run("get", "pods", "-o", "wide").ok())
                .containsPattern("IP +NODE +NOMINATED NODE +READINESS GATES\n")
                .containsPattern("web .* 10\\.\\d+\\.\\d+\\.\\d+ +yard +<none> +<none>");
        assertThat(kubectl.run("get", "pod", "web", "-o", "yaml").ok())
                .contains("\n  phase: Running\n", "\n  name: web\n");
        assertThat(kubectl.json("get", "pod", "web").object("status").string("phase"))
                .isEqualTo("Running");
        assertThat(kubectl.run("get", "pod", "web", "-o", "jsonpath={.spec.nodeName}").ok())
                .isEqualTo("yard");
        assertThat(kubectl.run("get", "pods", "-o", "name").ok()).isEqualTo("pod/web\n");
        assertThat(kubectl.in("default").run("get", "pods", "-A").ok())
                .containsPattern("(?m)^" + namespace + " +web +1/1 +Running");
        assertThat(kubectl.run("describe", "pod", "web").ok())
                .containsPattern("(?m)^Status: +Running$")
                .containsPattern("Successfully assigned " + namespace + "/web to yard");
        assertThat(kubectl.run("events", "--for", "pod/web").ok())
                .containsPattern("Normal +Scheduled +Pod/web")
                .containsPattern("Normal +Started +Pod/web");
        assertThat(kubectl.run("get", "events", "--field-selector=reason=Scheduled").ok())
                .containsPattern("Normal +Scheduled +pod/web")
                .doesNotContain("Started");
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void selectorsChoose(String binary) {
        var kubectl = withWeb(binary, "chosen");

        assertThat(kubectl.run("get", "pods", "-l", "app=web", "-o", "name").ok())
                .isEqualTo("pod/web\n");
        assertThat(kubectl.run("get", "pods", "-l", "app in (a, b)", "-o", "name").ok()).isEmpty();
        assertThat(
                        kubectl.run(
                                        "get",
                                        "pods",
                                        "--field-selector=status.phase=Running,spec.nodeName=yard",
                                        "-o",
                                        "name")
                                .ok())
                .isEqualTo("pod/web\n");
        assertThat(kubectl.run("get", "pods", "--field-selector=status.phase!=Running").err())
                .contains("No resources found");
        assertThat(kubectl.run("get", "pods", "--field-selector=spec.colour=red").refused())
                .contains("spec.colour");
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void objectsAreChanged(String binary) {
        var kubectl = withWeb(binary, "changed");

        kubectl.run("label", "pod", "web", "tier=front").ok();
        assertThat(kubectl.run("label", "pod", "web", "tier=back").refused())
                .contains("--overwrite is false");
        kubectl.run("label", "pod", "web", "tier=back", "--overwrite").ok();
        kubectl.run("annotate", "pod", "web", "note=seen").ok();
        kubectl.run("patch", "pod", "web", "-p", labels("strategic")).ok();
        kubectl.run("patch", "pod", "web", "--type=merge", "-p", labels("merge")).ok();
        kubectl.run(
                        "patch",
                        "pod",
                        "web",
                        "--type=json",
                        "-p",
                        "[{\"op\":\"add\",\"path\":\"/metadata/labels/json\",\"value\":\"yes\"}]")
                .ok();

        var metadata = kubectl.json("get", "pod", "web").object("metadata");
        assertThat(metadata.object("labels").string("tier")).isEqualTo("back");
        assertThat(metadata.object("labels").string("strategic")).isEqualTo("yes");
        assertThat(metadata.object("labels").string("merge")).isEqualTo("yes");
        assertThat(metadata.object("labels").string("json")).isEqualTo("yes");
        assertThat(metadata.object("annotations").string("note")).isEqualTo("seen");

        kubectl.run("label", "pod", "web", "tier-").ok();
        assertThat(kubectl.run("get", "pods", "-l", "!tier", "-o", "name").ok())
                .isEqualTo("pod/web\n");
        assertThat(
                        kubectl.run(
                                        "patch",
                                        "pod",
                                        "web",
                                        "-p",
                                        "{\"spec\":{\"restartPolicy\":\"Never\"}}")
                                .refused())
                .contains("pod updates may not change fields other than")
                .contains("restartPolicy");
    }

    private static String labels(String key) {
        return "{\"metadata\":{\"labels\":{\"%s\":\"yes\"}}}".formatted(key);
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void logsAreRead(String binary) {
        var kubectl = withWeb(binary, "read");
        Kubectl.await(
                "its lines", () -> kubectl.run("logs", "web").out(), "first\nsecond\n"::equals);

        assertThat(kubectl.run("logs", "web", "-c", "one").ok()).isEqualTo("prepared\n");
        assertThat(kubectl.run("logs", "web", "--tail=1").ok()).isEqualTo("second\n");
        assertThat(kubectl.run("logs", "web", "--since=1h").ok()).isEqualTo("first\nsecond\n");
        assertThat(kubectl.run("logs", "web", "--since-time=2999-01-01T00:00:00Z").ok()).isEmpty();
        assertThat(kubectl.run("logs", "web", "--timestamps", "--tail=1").ok())
                .containsPattern("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z second\n$");
        assertThat(kubectl.run("logs", "web", "--all-containers").ok().lines())
                .as("kubectl takes the containers in any order")
                .containsExactlyInAnyOrder("prepared", "first", "second");
        assertThat(kubectl.run("logs", "-l", "app=web", "--prefix").ok())
                .contains("[pod/web/app] second\n");
        assertThat(kubectl.run("logs", "web", "--previous").refused())
                .contains("previous terminated container \"app\" in pod \"web\" not found");
        assertThat(kubectl.run("logs", "web", "-c", "absent").refused())
                .contains("container absent is not valid for pod web");
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void commandsAreRunWithAndWithoutATerminal(String binary) {
        var kubectl = withWeb(binary, "commands");

        var failed = kubectl.run("exec", "web", "-c", "app", "--", "sh", "-c", "echo o; exit 7");
        assertThat(failed.out()).isEqualTo("o\n");
        assertThat(failed.exitCode()).isEqualTo(7);
        assertThat(kubectl.runWith("typed\n", "exec", "-i", "web", "--", "cat").ok())
                .isEqualTo("typed\n");
        if (Kubectl.isInstalled("script")) {
            var shell = kubectl.onTerminal("exit 3\n", "exec", "-it", "web", "--", "sh");
            assertThat(shell.exitCode()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void podsAreDeleted(String binary) {
        var kubectl = NODE.namespace(binary, namespaceFor("deleted", binary));
        for (var name : List.of("asked", "forced", "now", "left")) {
            kubectl.run(
                            "run",
                            name,
                            "--image=coracle.local/toolbox:1",
                            "--command",
                            "--",
                            "sh",
                            "-c",
                            "trap '' TERM; sleep 3600")
                    .ok();
        }
        kubectl.run("wait", "--for=condition=Ready", "pod", "--all", "--timeout=60s").ok();

        kubectl.run("delete", "pod", "asked", "--grace-period=2").ok();
        assertThat(kubectl.status("asked")).isEmpty();
        kubectl.run("delete", "pod", "now", "--now").ok();
        assertThat(kubectl.status("now")).isEmpty();
        assertThat(kubectl.run("delete", "pod", "forced", "--force").err())
                .contains("Immediate deletion does not wait");
        assertThat(kubectl.status("forced")).isEmpty();
        kubectl.run("delete", "pod", "left", "--grace-period=3", "--wait=false").ok();
        assertThat(kubectl.status("left")).isEqualTo("Terminating");
        kubectl.run("wait", "--for=delete", "pod/left", "--timeout=30s").ok();
        assertThat(kubectl.run("delete", "pod", "left").refused()).contains("not found");
        kubectl.run("delete", "pod", "left", "--ignore-not-found").ok();
    }

    @Test
    void aFollowedLogEndsWithItsContainer() throws Exception {
        var kubectl = NODE.namespace("followed");
        kubectl.apply(FLICKERING).ok();
        kubectl.awaitStatus("flickering", "CrashLoopBackOff");
        Kubectl.await("it runs again", () -> kubectl.status("flickering"), "Running"::equals);

        var process = kubectl.start("logs", "-f", "flickering");
        var log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(log).isEqualTo("life of flickering\nover\n");
        assertThat(kubectl.run("logs", "--previous", "flickering").ok())
                .isEqualTo("life of flickering\nover\n");
    }

    @Test
    void aWatchShowsEveryChange() throws Exception {
        var kubectl = NODE.namespace("watched");
        var watch = kubectl.start("get", "configmaps", "--watch", "-o", "name");
        try (var lines = watch.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("configmap/kube-root-ca.crt");
            kubectl.run("create", "configmap", "one").ok();
            assertThat(lines.readLine()).isEqualTo("configmap/one");
            kubectl.run("label", "configmap", "one", "a=b").ok();
            assertThat(lines.readLine()).isEqualTo("configmap/one");
        } finally {
            watch.destroy();
        }
    }

    @Test
    void namesAreGenerated() {
        var kubectl = NODE.namespace("generated");
        var manifest =
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {generateName: one-of-many-}
                """;
        var first = kubectl.runWith(manifest, "create", "-f", "-", "-o", "name").ok();
        var second = kubectl.runWith(manifest, "create", "-f", "-", "-o", "name").ok();
        assertThat(first).matches("configmap/one-of-many-[a-z0-9]{5}\n").isNotEqualTo(second);
    }

    @Test
    void whoeverCreatesWhatNothingActsOnIsWarned() {
        var kubectl = NODE.namespace("warned");
        var job = kubectl.run("create", "job", "adds", "--image=coracle.local/toolbox:1");
        assertThat(job.ok()).isEqualTo("job.batch/adds created\n");
        assertThat(job.err())
                .contains(
                        "Warning: Job \"adds\" is stored, but nothing in this version acts on it");
        assertThat(kubectl.run("create", "configmap", "one").err()).isEmpty();
    }

    @Test
    void aDeletedNamespaceIsEmptiedFirst() {
        var kubectl = NODE.namespace("emptied");
        kubectl.apply(WEB).ok();
        kubectl.run("create", "configmap", "one").ok();
        kubectl.run("wait", "--for=condition=Ready", "pod/web", "--timeout=60s").ok();

        kubectl.run("delete", "namespace", "emptied", "--wait=false").ok();
        assertThat(kubectl.run("create", "configmap", "late").refused())
                .contains("because it is being terminated");
        kubectl.run("wait", "--for=delete", "namespace/emptied", "--timeout=60s").ok();

        assertThat(kubectl.run("get", "pods,configmaps,secrets,sa,events", "-o", "name").out())
                .isEmpty();
        var containers = kubectl.json("get", "pods", "-A").array("items").objects();
        assertThat(containers.stream().map(KubectlOnARealNodeTest::namespace))
                .doesNotContain("emptied");
    }

    private static String namespace(JsonObject object) {
        return object.object("metadata").string("namespace");
    }
}
