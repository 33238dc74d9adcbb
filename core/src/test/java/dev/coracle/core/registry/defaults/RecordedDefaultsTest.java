// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.validation.Validation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What was sent to Kubernetes v1.36.2, and what it stored.
final class RecordedDefaultsTest {
    private static final Pattern TOKEN_VOLUME = Pattern.compile("kube-api-access-[a-z0-9]{5}");
    private static final Map<String, ResourceType> TYPES =
            Map.of(
                    "Pod", type("", "v1", "pods", "Pod"),
                    "Service", type("", "v1", "services", "Service"),
                    "ReplicationController",
                            type("", "v1", "replicationcontrollers", "ReplicationController"),
                    "Deployment", type("apps", "v1", "deployments", "Deployment"),
                    "Job", type("batch", "v1", "jobs", "Job"),
                    "CronJob", type("batch", "v1", "cronjobs", "CronJob"));

    private static ResourceType type(String group, String version, String plural, String kind) {
        return new ResourceType(group, version, plural, plural, kind, true, List.of(), List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sidecar",
                "init-two",
                "liveness-exec",
                "readiness-http",
                "startup-probe",
                "prestop",
                "oom-kill",
                "missing-configmap",
                "unschedulable"
            })
    void aPodBecomesWhatUpstreamStored(String name) throws IOException {
        var recorded = read(name);
        var account = JsonReader.parseObject("{\"metadata\": {\"name\": \"default\"}}");
        var pod = Defaults.apply(pods(), recorded.object("sent"));
        pod = ServiceAccountAdmission.admit(pod, account, new SplittableRandom(1));
        pod = Creation.prepare(pods(), PodAdmission.admit(pod, null));

        var stored = anonymous(recorded.object("stored"));
        assertThat(anonymous(pod).object("spec")).isEqualTo(stored.object("spec"));
        assertThat(pod.object("status")).isEqualTo(stored.object("status"));
        assertThat(pod.object("metadata").get("generation"))
                .isEqualTo(stored.object("metadata").get("generation"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"deployment", "cronjob", "job-3", "job-deadline", "rc"})
    void aWorkloadBecomesWhatUpstreamStored(String name) throws IOException {
        var recorded = read(name);
        var stored = recorded.object("stored");
        var type = Objects.requireNonNull(TYPES.get(stored.string("kind")));
        var uid = stored.object("metadata").string("uid");
        var sent = recorded.object("sent").with("metadata", m -> m.with("uid", uid));

        var object = Creation.prepare(type, Defaults.apply(type, sent));

        assertThat(object).isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(strings = {"readiness-http-service"})
    void aServiceBecomesWhatUpstreamStoredButForItsAddress(String name) throws IOException {
        var recorded = read(name);
        var type = type("", "v1", "services", "Service");
        var service = Creation.prepare(type, Defaults.apply(type, recorded.object("sent")));
        var stored =
                recorded.object("stored")
                        .with("spec", spec -> spec.without("clusterIP").without("clusterIPs"));

        assertThat(service.object("spec")).isEqualTo(stored.object("spec"));
        assertThat(service.object("status")).isEqualTo(stored.object("status"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "deployment", "cronjob", "job-3", "rc"})
    void whatUpstreamStoredHasNothingLeftToFillIn(String name) throws IOException {
        var stored = read(name).object("stored");
        var type = Objects.requireNonNull(TYPES.get(stored.string("kind")));

        assertThat(Defaults.apply(type, stored)).isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sidecar",
                "readiness-http",
                "readiness-http-service",
                "oom-kill",
                "deployment",
                "cronjob",
                "job-3",
                "rc"
            })
    void whatUpstreamAcceptedIsAccepted(String name) throws IOException {
        var stored = read(name).object("stored");
        var type = Objects.requireNonNull(TYPES.get(stored.string("kind")));

        assertThat(Validation.create(type, stored)).isEmpty();
    }

    private static ResourceType pods() {
        return Objects.requireNonNull(TYPES.get("Pod"));
    }

    private static JsonObject read(String name) throws IOException {
        try (var in = RecordedDefaultsTest.class.getResourceAsStream(name + ".json")) {
            var bytes = Objects.requireNonNull(in, name).readAllBytes();
            return (JsonObject) JsonReader.read(bytes).value();
        }
    }

    private static JsonObject anonymous(JsonObject pod) {
        return JsonReader.parseObject(
                TOKEN_VOLUME.matcher(pod.text()).replaceAll("kube-api-access-xxxxx"));
    }
}
