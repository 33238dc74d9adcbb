// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.host.certs.Kubeconfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Stock kubectl, whichever is on the path; nothing is tested where there is none.
@Timeout(300)
class KubectlTest {
    private static final String CONFIG_MAP =
            """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: one
            data:
              a: b
            """;

    @TempDir Path directory;
    private RunningApi api;

    @BeforeAll
    static void kubectlIsHere() {
        var path = System.getenv().getOrDefault("PATH", "");
        assumeTrue(
                List.of(path.split(":")).stream()
                        .anyMatch(part -> Files.isExecutable(Path.of(part, "kubectl"))),
                "no kubectl on the path");
    }

    @BeforeEach
    void start() throws IOException {
        api = new RunningApi(directory);
        api.create(
                ResourceTypes.SERVICE_ACCOUNTS,
                """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}
                """);
        new Kubeconfig("yard", api.server.uri(), api.pki.authorityPem(), api.pki.admin())
                .write(directory.resolve("config"));
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private record Result(int code, String out, String err) {}

    private Result kubectl(String... arguments) {
        var command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(arguments));
        var out = directory.resolve("out");
        var err = directory.resolve("err");
        var builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().put("KUBECONFIG", directory.resolve("config").toString());
        builder.environment().put("HOME", directory.toString());
        try {
            var process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " does not end");
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What it printed; it must have succeeded.
    private String ok(String... arguments) {
        var result = kubectl(arguments);
        assertThat(result.code()).as("%s: %s", List.of(arguments), result.err()).isZero();
        return result.out();
    }

    private void file(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    @Test
    void itKnowsTheServerAndItsKinds() {
        assertThat(ok("version")).contains("Server Version: v1.36.2+coracle-test");
        assertThat(ok("api-resources"))
                .containsPattern("pods +po +v1 +true +Pod")
                .containsPattern("deployments +deploy +apps/v1 +true +Deployment");
        assertThat(ok("api-versions")).contains("apps/v1\n", "batch/v1\n");
        assertThat(ok("auth", "whoami")).contains("kubernetes-admin");
        assertThat(ok("auth", "can-i", "delete", "nodes")).isEqualTo("yes\n");
    }

    @Test
    void itAppliesChangesAndAppliesAgain() throws IOException {
        file("cm.yaml", CONFIG_MAP);
        assertThat(ok("apply", "-f", "cm.yaml")).isEqualTo("configmap/one created\n");
        assertThat(ok("apply", "-f", "cm.yaml")).isEqualTo("configmap/one unchanged\n");
        file("cm.yaml", CONFIG_MAP.replace("a: b", "c: d"));
        assertThat(ok("apply", "-f", "cm.yaml")).isEqualTo("configmap/one configured\n");
        assertThat(ok("get", "cm", "one", "-o", "jsonpath={.data}")).isEqualTo("{\"c\":\"d\"}");
        assertThat(ok("diff", "-f", "cm.yaml")).isEmpty();
        assertThat(ok("replace", "-f", "cm.yaml")).isEqualTo("configmap/one replaced\n");
        assertThat(ok("delete", "-f", "cm.yaml")).startsWith("configmap \"one\" deleted");
    }

    @Test
    void misspeltFieldsAreAllNamedAndNothingIsStored() throws IOException {
        file(
                "pod.yaml",
                """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  lables: {}
                spec:
                  restartPolicies: Never
                  containers:
                  - name: main
                    img: busybox
                    image: busybox
                """);
        var result = kubectl("apply", "-f", "pod.yaml");

        assertThat(result.code()).isOne();
        assertThat(result.err())
                .contains(
                        "unknown field \"metadata.lables\"",
                        "unknown field \"spec.restartPolicies\"",
                        "unknown field \"spec.containers[0].img\"");
        assertThat(ok("get", "pods", "-o", "name")).isEmpty();
    }

    @Test
    void itCreatesWithItsOwnVerbsWhichSpeakProtobuf() {
        ok("create", "configmap", "two", "--from-literal=a=b");
        ok("create", "secret", "generic", "hidden", "--from-literal=k=v");
        ok("create", "deployment", "d", "--image=nginx", "--replicas=0");
        ok("create", "job", "j", "--image=busybox", "--", "sh", "-c", "true");
        ok("create", "service", "clusterip", "s", "--tcp=80:http");
        ok("create", "serviceaccount", "robot");
        ok("create", "namespace", "other");

        assertThat(ok("get", "cm", "two", "-o", "jsonpath={.data.a}")).isEqualTo("b");
        assertThat(ok("get", "secret", "hidden", "-o", "jsonpath={.data.k}")).isEqualTo("dg==");
        assertThat(
                        ok(
                                "get",
                                "deploy",
                                "d",
                                "-o",
                                "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}"))
                .isEqualTo("0 nginx");
        assertThat(
                        ok(
                                "get",
                                "job",
                                "j",
                                "-o",
                                "jsonpath={.spec.template.spec.containers[0].command}"))
                .isEqualTo("[\"sh\",\"-c\",\"true\"]");
        assertThat(ok("get", "svc", "s", "-o", "jsonpath={.spec.ports[0].targetPort}"))
                .isEqualTo("http");
        assertThat(ok("create", "token", "robot").strip().split("\\.")).hasSize(3);
    }

    @Test
    void itShowsAndChanges() {
        ok("create", "configmap", "one", "--from-literal=a=b");
        assertThat(ok("get", "cm")).containsPattern("NAME +DATA +AGE\\none +1 +\\d+s\\n");
        assertThat(ok("get", "cm", "-A", "-o", "wide")).contains("default", "one");
        assertThat(JsonReader.parseObject(ok("get", "cm", "one", "-o", "json")).string("kind"))
                .isEqualTo("ConfigMap");
        assertThat(ok("get", "cm", "one", "-o", "yaml")).contains("data:\n  a: b\n");
        ok("label", "cm", "one", "app=x");
        assertThat(ok("get", "cm", "-l", "app=x", "-o", "name")).isEqualTo("configmap/one\n");
        assertThat(ok("get", "cm", "-l", "app=y", "-o", "name")).isEmpty();
        ok("annotate", "cm", "one", "note=yes");
        ok("patch", "cm", "one", "-p", "{\"data\":{\"strategic\":\"1\"}}");
        ok("patch", "cm", "one", "--type=merge", "-p", "{\"data\":{\"merge\":\"2\"}}");
        ok(
                "patch",
                "cm",
                "one",
                "--type=json",
                "-p",
                "[{\"op\":\"add\",\"path\":\"/data/json\",\"value\":\"3\"}]");
        assertThat(ok("describe", "cm", "one")).contains("app=x", "note: yes", "strategic", "json");
        assertThat(ok("wait", "--for=jsonpath={.data.merge}=2", "cm/one", "--timeout=10s"))
                .contains("condition met");
        assertThat(ok("delete", "cm", "one")).startsWith("configmap \"one\" deleted");
        assertThat(kubectl("get", "cm", "one").err())
                .isEqualTo("Error from server (NotFound): configmaps \"one\" not found\n");
        assertThat(ok("events")).isEmpty();
    }

    @Test
    void itScalesAndReadsLogs() throws IOException {
        ok("create", "deployment", "d", "--image=nginx", "--replicas=0");
        assertThat(ok("scale", "deployment", "d", "--replicas=3")).contains("scaled");
        assertThat(ok("get", "deploy", "d", "-o", "jsonpath={.spec.replicas}")).isEqualTo("3");

        api.runPod(
                "web",
                "\"containerID\":\"containerd://b\",\"state\":{\"running\":{}},\"lastState\":{}");
        var file = directory.resolve("b.log");
        Files.writeString(file, "2026-01-01T00:00:01Z stdout F hello\n");
        api.pods.logs.put("containerd://b", file);

        assertThat(ok("logs", "web")).isEqualTo("hello\n");
        assertThat(ok("logs", "web", "--timestamps", "--tail=1", "-c", "main"))
                .isEqualTo("2026-01-01T00:00:01.000000000Z hello\n");
        assertThat(kubectl("logs", "web", "--previous").err())
                .isEqualTo(
                        "Error from server (BadRequest): previous terminated container \"main\" in"
                                + " pod \"web\" not found\n");
    }
}
