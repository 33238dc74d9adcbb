// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is refused says why, by field, and leaves nothing behind.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
@Timeout(300)
class RefusalsOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = new RealNode();

    private static final String NAMESPACE = "refused";
    private static final String PODS = "/api/v1/namespaces/" + NAMESPACE + "/pods";
    private static final String CONFIG_MAPS = "/api/v1/namespaces/" + NAMESPACE + "/configmaps";
    private static final int BIG = 4 * 1024 * 1024;

    private static Kubectl kubectl() {
        return NODE.kubectl().in(NAMESPACE);
    }

    @BeforeAll
    static void makeRoom() {
        NODE.namespace(NAMESPACE);
    }

    @AfterEach
    void nothingIsStored() {
        assertThat(kubectl().run("get", "pods,jobs,cronjobs,cm", "-o", "name").ok())
                .isEqualTo("configmap/kube-root-ca.crt\n");
    }

    @Test
    void everyMisspeltFieldIsNamed() {
        assertThat(
                        kubectl()
                                .apply(
                                        """
                                        apiVersion: v1
                                        kind: Pod
                                        metadata:
                                          name: web
                                          lables: {name: web}
                                        spec:
                                          containers:
                                          - name: web
                                            image: web
                                            readinessProbe:
                                              httpGet: {path: /ready, port: 8080}
                                              preiodSeconds: 5
                                              failureThredsHold: 8
                                        """)
                                .refused())
                .contains("BadRequest", "strict decoding error")
                .contains("unknown field \"metadata.lables\"")
                .contains("unknown field \"spec.containers[0].readinessProbe.preiodSeconds\"")
                .contains("unknown field \"spec.containers[0].readinessProbe.failureThredsHold\"");
    }

    @Test
    void misspeltJobsAreRefused() {
        assertThat(
                        kubectl()
                                .apply(
                                        """
                                        apiVersion: batch/v1
                                        kind: Job
                                        metadata: {name: adds}
                                        sepc:
                                          template:
                                            sepc: {containers: []}
                                        """)
                                .refused())
                .contains("unknown field \"sepc\"");
        assertThat(
                        kubectl()
                                .apply(
                                        """
                                        apiVersion: batch/v1
                                        kind: CronJob
                                        metadata: {name: reports}
                                        spec:
                                          Schedule: "*/1 * * * *"
                                          jobTemplate:
                                            sepc: {completions: 3}
                                        """)
                                .refused())
                .contains("unknown field \"spec.Schedule\"")
                .contains("unknown field \"spec.jobTemplate.sepc\"");
    }

    private static String pod(String spec) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: %s\n".formatted(spec);
    }

    private static void assertInvalid(String spec, String... messages) {
        var error = kubectl().run("create", "--validate=strict", "-v=6", "-f", file(pod(spec)));
        assertThat(error.refused())
                .contains("422 Unprocessable Entity")
                .contains("The Pod \"web\" is invalid")
                .contains(messages);
    }

    private static String file(String content) {
        try {
            var file = Files.createTempFile(NODE.scratch(), "manifest", "");
            Files.writeString(file, content);
            return file.toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aNameIsGivenToOneContainerOnly() {
        assertInvalid(
                "{containers: [{name: a, image: i}, {name: a, image: i}]}",
                "spec.containers[1].name: Duplicate value: \"a\"");
        assertInvalid(
                "{initContainers: [{name: a, image: i}], containers: [{name: a, image: i}]}",
                "spec.initContainers[0].name: Duplicate value: \"a\"");
    }

    @Test
    void initContainersAreNotProbed() {
        assertInvalid(
                "{initContainers: [{name: i, image: i, readinessProbe: {exec: {command: [a]}}}],"
                        + " containers: [{name: a, image: i}]}",
                "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init"
                        + " containers without restartPolicy=Always");
    }

    @Test
    void thereAreThreeRestartPolicies() {
        assertInvalid(
                "{restartPolicy: Newver, containers: [{name: a, image: i}]}",
                "spec.restartPolicy: Unsupported value: \"Newver\": supported values:"
                        + " \"Always\", \"OnFailure\", \"Never\"");
    }

    @Test
    void whatIsMountedIsAVolume() {
        assertInvalid(
                "{containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}",
                "spec.containers[0].volumeMounts[0].name: Not found: \"v\"");
    }

    /// kubectl turns YAML into JSON itself, and of a key given twice it sends only the last.
    @Test
    void aKeyIsGivenOnceInYaml() throws Exception {
        try (var client = NODE.client()) {
            var answer =
                    client.post(
                            CONFIG_MAPS + "?fieldValidation=Strict",
                            "application/yaml",
                            """
                            apiVersion: v1
                            kind: ConfigMap
                            metadata: {name: twice}
                            data: {a: b}
                            data: {a: c}
                            """);
            assertThat(answer.code()).isEqualTo(400);
            assertThat(answer.text())
                    .contains("strict decoding error: duplicate field \\\"data\\\"");
        }
    }

    /// What the server answers to exactly these bytes, and its status line.
    private static String posted(String path, String body) {
        return kubectl().run("create", "--raw", path, "-v=6", "-f", file(body)).refused();
    }

    @Test
    void aKeyIsGivenOnceInJson() {
        assertThat(
                        posted(
                                CONFIG_MAPS + "?fieldValidation=Strict",
                                """
                                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},
                                 "data":{"a":"b"},"data":{"a":"c"}}
                                """))
                .contains("400 Bad Request")
                .contains("strict decoding error: duplicate field \"data\"");
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThat(posted(PODS, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\","))
                .contains("400 Bad Request")
                .contains("BadRequest");
        assertThat(posted(PODS, "[]")).contains("400 Bad Request");
        assertThat(posted(PODS, "")).contains("400 Bad Request");
        assertThat(posted(PODS, "{\"apiVersion\":\"v1\",\"kind\":\"Node\"}"))
                .contains("400 Bad Request")
                .contains("Node");
    }

    @Test
    void whatIsTooLargeIsRefused() {
        var body =
                """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"big"},"data":{"a":"%s"}}
                """
                        .formatted("x".repeat(BIG));
        assertThat(posted(CONFIG_MAPS, body))
                .contains("413 Request Entity Too Large")
                .contains("limit");
    }

    @Test
    void aChangeToWhatHasChangedIsAConflict() {
        var kubectl = kubectl();
        kubectl.run("create", "configmap", "changing", "--from-literal=a=b").ok();
        try {
            var stale = kubectl.run("get", "configmap", "changing", "-o", "json").ok();
            kubectl.run("label", "configmap", "changing", "a=b").ok();
            assertThat(kubectl.runWith(stale, "replace", "-v=6", "-f", "-").refused())
                    .contains("409 Conflict")
                    .contains("Operation cannot be fulfilled on configmaps \"changing\"")
                    .contains("the object has been modified");
            assertThat(kubectl.run("get", "cm", "changing", "-o", "jsonpath={..labels.a}").ok())
                    .isEqualTo("b");
        } finally {
            kubectl.run("delete", "configmap", "changing").ok();
        }
    }

    @Test
    void aTakenNameIsRefused() {
        assertThat(kubectl().run("create", "configmap", "kube-root-ca.crt", "-v=6").refused())
                .contains("409 Conflict")
                .contains("configmaps \"kube-root-ca.crt\" already exists");
    }

    @Test
    void namesAreDnsNames() {
        for (var name : List.of("Web", "web_1", "web-")) {
            assertThat(kubectl().run("create", "configmap", name, "-v=6").refused())
                    .contains("422 Unprocessable Entity")
                    .contains("metadata.name: Invalid value: \"%s\"".formatted(name));
        }
    }
}
