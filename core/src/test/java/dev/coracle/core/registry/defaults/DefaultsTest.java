// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.view.QosClass;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DefaultsTest {
    private static JsonObject apply(String plural, String group, String text) {
        return Defaults.apply(type(plural, group), json(text));
    }

    private static ResourceType type(String plural, String group) {
        return new ResourceType(group, "v1", plural, plural, plural, true, List.of(), List.of());
    }

    private static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "nginx, Always",
        "nginx:latest, Always",
        "localhost:5000/nginx, Always",
        "localhost:5000/nginx:1.27, IfNotPresent",
        "nginx:1.27, IfNotPresent",
        "nginx@sha256:0123456789abcdef0123456789abcdef, IfNotPresent",
        "nginx:latest@sha256:0123456789abcdef0123456789abcdef, Always",
        "Not An Image, IfNotPresent",
    })
    void theTagDecidesWhenAnImageIsPulled(String image, String policy) {
        assertThat(ImagePullPolicy.defaultFor(image)).isEqualTo(policy);
    }

    @ParameterizedTest
    @CsvSource({"0.5m, 1m", "1500u, 2m", "-0.1m, -1m", "1.500, 1.500", "1Gi, 1Gi", "3e-4, 1e-3"})
    void amountsOfResourcesAreWholeThousandths(String written, String kept) {
        var pod =
                apply(
                        "pods",
                        "",
                        "{'spec': {'containers': [{'resources': {'requests': {'cpu': '%s'}}}]}}"
                                .formatted(written));

        assertThat(first(pod.object("spec")).object("resources").object("requests").string("cpu"))
                .isEqualTo(kept);
    }

    @Test
    void requestsFollowLimitsInPodsButNotInTemplates() {
        var container =
                "'containers': [{'name': 'a', 'image': 'a:1', 'resources': {'limits': {'cpu': '1000m'}}}]";
        var pod = apply("pods", "", "{'spec': {" + container + "}}");
        var deployment =
                apply(
                        "deployments",
                        "apps",
                        "{'spec': {'template': {'spec': {" + container + "}}}}");

        assertThat(first(pod.object("spec")).object("resources"))
                .isEqualTo(json("{'limits': {'cpu': '1'}, 'requests': {'cpu': '1'}}"));
        assertThat(
                        first(deployment.object("spec").object("template").object("spec"))
                                .object("resources"))
                .isEqualTo(json("{'limits': {'cpu': '1'}}"));
    }

    private static JsonObject first(JsonObject spec) {
        return spec.array("containers").objects().getFirst();
    }

    @Test
    void onTheHostsNetworkContainerPortsAreHostPorts() {
        var pod =
                apply(
                        "pods",
                        "",
                        "{'spec': {'hostNetwork': true, 'containers': [{'ports': [{'containerPort': 80}]}]}}");

        assertThat(first(pod.object("spec")).array("ports").objects())
                .containsExactly(json("{'containerPort': 80, 'protocol': 'TCP', 'hostPort': 80}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name': 'v'} | {'name': 'v', 'emptyDir': {}}",
                "{'name': 'v', 'secret': {'secretName': 's'}} | {'name': 'v', 'secret': {'secretName': 's', 'defaultMode': 420}}",
                "{'name': 'v', 'hostPath': {'path': '/x'}} | {'name': 'v', 'hostPath': {'path': '/x', 'type': ''}}",
                "{'name': 'v', 'emptyDir': {'sizeLimit': '1024Mi'}} | {'name': 'v', 'emptyDir': {'sizeLimit': '1Gi'}}",
            })
    void volumesAreCompleted(String sent, String stored) {
        var pod = apply("pods", "", "{'spec': {'volumes': [" + sent.strip() + "]}}");

        assertThat(pod.object("spec").array("volumes").get(0)).isEqualTo(json(stored.strip()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'containers': [{}]} | BestEffort",
                "{'containers': [{'resources': {'requests': {'cpu': '0'}}}]} | BestEffort",
                "{'containers': [{'resources': {'requests': {'cpu': '1'}}}]} | Burstable",
                "{'containers': [{'resources': {'requests': {'cpu': '1', 'memory': '1Gi'}, 'limits': {'cpu': '1000m', 'memory': '1024Mi'}}}]} | Guaranteed",
                "{'containers': [{'resources': {'limits': {'cpu': '1', 'memory': '1'}, 'requests': {'cpu': '1', 'memory': '1'}}}, {}]} | Burstable",
                "{'containers': [{}], 'initContainers': [{'resources': {'requests': {'cpu': '1'}}}]} | Burstable",
            })
    void requestsAndLimitsDecideTheQualityOfService(String spec, String expected) {
        assertThat(QosClass.of(json(spec.strip())).text()).isEqualTo(expected.strip());
    }

    @Test
    void plainTextOfASecretEndsUpEncoded() {
        var secret =
                apply(
                        "secrets",
                        "",
                        "{'data': {'a': 'QQ==', 'b': 'QQ=='}, 'stringData': {'b': 'B'}}");

        assertThat(secret)
                .isEqualTo(json("{'type': 'Opaque', 'data': {'a': 'QQ==', 'b': 'Qg=='}}"));
    }

    @Test
    void aNamespaceIsLabelledWithItsNameAndHeldByAFinalizer() {
        var type = type("namespaces", "");
        var sent = json("{'metadata': {'name': 'a'}, 'status': {'phase': 'Terminating'}}");

        assertThat(Creation.prepare(type, Defaults.apply(type, sent)))
                .isEqualTo(
                        json(
                                "{'metadata': {'name': 'a', 'labels': {'kubernetes.io/metadata.name': 'a'}},"
                                        + " 'spec': {'finalizers': ['kubernetes']}, 'status': {'phase': 'Active'}}"));
    }

    @Test
    void aStatefulSetIsCompleted() {
        var set = apply("statefulsets", "apps", "{'spec': {'template': {'spec': {}}}}");

        assertThat(set.object("spec").without("template"))
                .isEqualTo(
                        json(
                                "{'podManagementPolicy': 'OrderedReady', 'replicas': 1, 'revisionHistoryLimit': 10,"
                                        + " 'updateStrategy': {'type': 'RollingUpdate', 'rollingUpdate': {'partition': 0}},"
                                        + " 'persistentVolumeClaimRetentionPolicy': {'whenDeleted': 'Retain', 'whenScaled': 'Retain'}}"));
    }

    @Test
    void aPodMayKeepItsAccountsTokenOut() {
        var pod =
                json(
                        "{'metadata': {'name': 'p', 'namespace': 'default'},"
                                + " 'spec': {'containers': [{'name': 'a'}]}}");
        var account =
                json(
                        "{'automountServiceAccountToken': false, 'imagePullSecrets': [{'name': 's'}]}");

        var admitted = ServiceAccountAdmission.admit(pod, account, new SplittableRandom(1));

        assertThat(admitted.object("spec"))
                .isEqualTo(
                        json(
                                "{'containers': [{'name': 'a'}], 'serviceAccountName': 'default', 'serviceAccount': 'default',"
                                        + " 'imagePullSecrets': [{'name': 's'}]}"));
    }

    @Test
    void aPodWithoutItsAccountIsRefused() {
        var pod = json("{'metadata': {'name': 'p', 'namespace': 'n'}, 'spec': {}}");

        assertThatThrownBy(() -> ServiceAccountAdmission.admit(pod, null, new SplittableRandom(1)))
                .isInstanceOf(ApiException.class)
                .hasMessage(
                        "pods \"p\" is forbidden: error looking up service account n/default: serviceaccount \"default\" not found");
    }

    @Test
    void aPodGetsThePriorityOfItsClass() {
        var pod = json("{'metadata': {'name': 'p'}, 'spec': {'priorityClassName': 'high'}}");
        var high = json("{'metadata': {'name': 'high'}, 'value': 7, 'preemptionPolicy': 'Never'}");

        var spec = PodAdmission.admit(pod, high).object("spec");

        assertThat(spec.get("priority")).isEqualTo(Json.of(7));
        assertThat(spec.string("preemptionPolicy")).isEqualTo("Never");
        assertThatThrownBy(() -> PodAdmission.admit(pod, null))
                .isInstanceOf(ApiException.class)
                .hasMessage("pods \"p\" is forbidden: no PriorityClass with name high was found");
    }

    @Test
    void aTolerationOfEverythingNeedsNoOther() {
        var pod =
                json("{'spec': {'tolerations': [{'operator': 'Exists', 'effect': 'NoExecute'}]}}");

        assertThat(PodAdmission.admit(pod, null).object("spec").array("tolerations").size())
                .isEqualTo(1);
    }
}
