// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.defaults.Defaults;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodValidationTest {
    private static final ResourceType PODS =
            new ResourceType("", "v1", "pods", "pod", "Pod", true, List.of("po"), List.of());
    private static final String CONTAINERS = "'containers': [{'name': 'a', 'image': 'a:1'}]";

    private static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    private static JsonObject pod(String spec) {
        return Defaults.apply(
                PODS,
                json(
                        "{'metadata': {'name': 'p', 'namespace': 'default', 'resourceVersion': '1'},"
                                + " 'spec': {"
                                + spec
                                + "}}"));
    }

    /// With single quotes for double ones, which read badly in tables.
    private static List<String> problems(JsonObject pod) {
        return Validation.create(PODS, pod).stream()
                .map(cause -> cause.field() + ": " + cause.message().replace('"', '\''))
                .toList();
    }

    private static List<String> changes(JsonObject old, JsonObject updated) {
        return Validation.update(PODS, old, updated, "").stream()
                .map(cause -> cause.field() + ": " + cause.message())
                .toList();
    }

    @Test
    void aSignalOfTheNamedSystemIsFine() {
        var spec =
                "'os': {'name': 'linux'}, 'containers': [{'name': 'a', 'image': 'a', 'lifecycle': {'stopSignal': 'SIGRTMIN+3'}}]";

        assertThat(problems(pod(spec))).isEmpty();
    }

    @Test
    void aPodWithOneContainerIsFine() {
        assertThat(problems(pod(CONTAINERS))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'a': 1 | spec.containers: Required value",
                "'containers': [{'image': 'a'}] | spec.containers[0].name: Required value",
                "'containers': [{'name': 'a'}] | spec.containers[0].image: Required value",
                "'containers': [{'name': 'A_b', 'image': 'a'}] | spec.containers[0].name: Invalid value: 'A_b': a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "'containers': [{'name': 'a.b', 'image': 'a'}] | spec.containers[0].name: Invalid value: 'a.b': must not contain dots",
                "'containers': [{'name': 'a', 'image': 'a'}, {'name': 'a', 'image': 'b'}] | spec.containers[1].name: Duplicate value: 'a'",
                "'containers': [{'name': 'a', 'image': ' a'}] | spec.containers[0].image: Invalid value: ' a': must not have leading or trailing whitespace",
                "'containers': [{'name': 'a', 'image': 'a', 'imagePullPolicy': 'Sometimes'}] | spec.containers[0].imagePullPolicy: Unsupported value: 'Sometimes': supported values: 'Always', 'IfNotPresent', 'Never'",
                "'containers': [{'name': 'a', 'image': 'a', 'ports': [{'containerPort': 70000}]}] | spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
                "'containers': [{'name': 'a', 'image': 'a', 'ports': [{'containerPort': 1, 'name': 'Up'}]}] | spec.containers[0].ports[0].name: Invalid value: 'Up': must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
                "'containers': [{'name': 'a', 'image': 'a', 'env': [{'name': 'a=b'}]}] | spec.containers[0].env[0].name: Invalid value: 'a=b': a valid environment variable name must consist only of printable ASCII characters other than '='",
                "'containers': [{'name': 'a', 'image': 'a', 'env': [{'name': 'a', 'value': 'b', 'valueFrom': {'fieldRef': {'fieldPath': 'metadata.name'}}}]}] | spec.containers[0].env[0].valueFrom: Invalid value: '': may not be specified when `value` is not empty",
                "'containers': [{'name': 'a', 'image': 'a', 'env': [{'name': 'a', 'valueFrom': {'fieldRef': {'fieldPath': 'metadata.labels'}}}]}] | spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: 'metadata.labels': supported values: 'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'",
                "'containers': [{'name': 'a', 'image': 'a', 'env': [{'name': 'a', 'valueFrom': {'configMapKeyRef': {'name': 'c'}}}]}] | spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Required value",
                "'containers': [{'name': 'a', 'image': 'a', 'volumeMounts': [{'name': 'data', 'mountPath': '/x'}]}] | spec.containers[0].volumeMounts[0].name: Not found: 'data'",
                "'containers': [{'name': 'a', 'image': 'a', 'volumeMounts': [{'name': 'v', 'mountPath': '/x'}, {'name': 'v', 'mountPath': '/x'}]}], 'volumes': [{'name': 'v'}] | spec.containers[0].volumeMounts[1].mountPath: Invalid value: '/x': must be unique",
                "'containers': [{'name': 'a', 'image': 'a', 'resources': {'requests': {'cpu': '2'}, 'limits': {'cpu': '1'}}}] | spec.containers[0].resources.requests: Invalid value: '2': must be less than or equal to cpu limit of 1",
                "'containers': [{'name': 'a', 'image': 'a', 'resources': {'requests': {'cpus': '2'}}}] | spec.containers[0].resources.requests[cpus]: Invalid value: 'cpus': must be a standard resource for containers",
                "'containers': [{'name': 'a', 'image': 'a', 'resources': {'requests': {'cpu': '-1'}}}] | spec.containers[0].resources.requests[cpu]: Invalid value: '-1': must be greater than or equal to 0",
                "'containers': [{'name': 'a', 'image': 'a', 'livenessProbe': {}}] | spec.containers[0].livenessProbe: Required value: must specify a handler type",
                "'containers': [{'name': 'a', 'image': 'a', 'livenessProbe': {'tcpSocket': {'port': 1}, 'successThreshold': 2}}] | spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
                "'containers': [{'name': 'a', 'image': 'a', 'readinessProbe': {'tcpSocket': {'port': 1}, 'exec': {'command': ['x']}}}] | spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
                "'containers': [{'name': 'a', 'image': 'a', 'readinessProbe': {'httpGet': {'port': 0}}}] | spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "'containers': [{'name': 'a', 'image': 'a', 'lifecycle': {'preStop': {'sleep': {'seconds': 40}}}}] | spec.containers[0].lifecycle.preStop.sleep: Invalid value: 40: must be non-negative and less than terminationGracePeriodSeconds (30)",
                "'containers': [{'name': 'a', 'image': 'a', 'lifecycle': {'stopSignal': 'SIGINT'}}] | spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`",
                "'os': {'name': 'windows'}, 'containers': [{'name': 'a', 'image': 'a', 'lifecycle': {'stopSignal': 'SIGINT'}}] | spec.containers[0].lifecycle.stopSignal: Unsupported value: 'SIGINT': supported values: 'SIGKILL', 'SIGTERM'",
                "'initContainers': [{'name': 'i', 'image': 'a', 'lifecycle': {'stopSignal': 'SIGINT'}}], 'containers': [{'name': 'a', 'image': 'a'}] | spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
                "'containers': [{'name': 'a', 'image': 'a', 'restartPolicyRules': [{'action': 'Restart', 'exitCodes': {'operator': 'In', 'values': [42]}}]}] | spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used",
                "'containers': [{'name': 'a', 'image': 'a', 'restartPolicy': 'Sometimes'}] | spec.containers[0].restartPolicy: Unsupported value: 'Sometimes': supported values: 'Always', 'Never', 'OnFailure'",
                "'containers': [{'name': 'a', 'image': 'a', 'securityContext': {'runAsUser': -1}}] | spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 4294967295, inclusive",
                "'initContainers': [{'name': 'i', 'image': 'a', 'livenessProbe': {'tcpSocket': {'port': 1}}}], 'containers': [{'name': 'a', 'image': 'a'}] | spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
                "'initContainers': [{'name': 'a', 'image': 'a'}], 'containers': [{'name': 'a', 'image': 'a'}] | spec.initContainers[0].name: Duplicate value: 'a'",
                "'ephemeralContainers': [{'name': 'e', 'image': 'a'}], 'containers': [{'name': 'a', 'image': 'a'}] | spec.ephemeralContainers: Forbidden: cannot be set on create",
            })
    void aWrongContainerIsRefused(String spec, String problem) {
        assertThat(problems(pod(spec.strip()))).containsExactly(problem.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'restartPolicy': 'Sometimes' | spec.restartPolicy: Unsupported value: 'Sometimes': supported values: 'Always', 'OnFailure', 'Never'",
                "'dnsPolicy': 'None' | spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
                "'dnsConfig': {'nameservers': ['x']} | spec.dnsConfig.nameservers[0]: Invalid value: 'x': must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "'activeDeadlineSeconds': 0 | spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
                "'hostname': 'a.b' | spec.hostname: Invalid value: 'a.b': must not contain dots",
                "'volumes': [{'name': 'v', 'emptyDir': {}, 'hostPath': {'path': '/'}}] | spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
                "'volumes': [{'name': 'v'}, {'name': 'v'}] | spec.volumes[1].name: Duplicate value: 'v'",
                "'volumes': [{'name': 'v', 'hostPath': {'path': '/a/../b'}}] | spec.volumes[0].hostPath.path: Invalid value: '/a/../b': must not contain '..'",
                "'volumes': [{'name': 'v', 'configMap': {'name': 'c', 'items': [{'key': 'k', 'path': '/abs'}]}}] | spec.volumes[0].configMap.items[0].path: Invalid value: '/abs': must be a relative path",
                "'volumes': [{'name': 'v', 'secret': {'secretName': 's', 'defaultMode': 600}}] | spec.volumes[0].secret.defaultMode: Invalid value: 600: must be a number between 0 and 0777 (octal), both inclusive",
                "'tolerations': [{'operator': 'Equal'}] | spec.tolerations[0].operator: Invalid value: 'Equal': operator must be Exists when `key` is empty, which means 'match all values and all keys'",
                "'tolerations': [{'key': 'k', 'effect': 'Never'}] | spec.tolerations[0].effect: Unsupported value: 'Never': supported values: 'NoSchedule', 'PreferNoSchedule', 'NoExecute'",
                "'topologySpreadConstraints': [{'maxSkew': 1, 'topologyKey': 'z', 'whenUnsatisfiable': 'Never'}] | spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: 'Never': supported values: 'DoNotSchedule', 'ScheduleAnyway'",
                "'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': {}}} | spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
                "'affinity': {'podAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': [{'topologyKey': 'z', 'namespaces': ['A']}]}} | spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: 'A': a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "'schedulingGates': [{'name': 'a'}, {'name': 'a'}] | spec.schedulingGates[1]: Duplicate value: 'a'",
                "'schedulingGates': [{'name': 'a'}], 'nodeName': 'n' | spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
                "'hostAliases': [{'ip': '::1'}, {'ip': '1.2.3.256'}] | spec.hostAliases[1].ip: Invalid value: '1.2.3.256': must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "'os': {'name': 'plan9'} | spec.os: Unsupported value: 'plan9': supported values: 'linux', 'windows'",
                "'securityContext': {'seccompProfile': {'type': 'Localhost'}} | spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
                "'nodeSelector': {'a b': 'c'} | spec.nodeSelector: Invalid value: 'a b': name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            })
    void aWrongSpecIsRefused(String spec, String problem) {
        assertThat(problems(pod(spec.strip() + ", " + CONTAINERS)))
                .containsExactly(problem.strip());
    }

    @Test
    void aSidecarMayHaveProbes() {
        var spec =
                "'initContainers': [{'name': 's', 'image': 'a', 'restartPolicy': 'Always', 'startupProbe': {'exec': {'command': ['x']}}}], ";

        assertThat(problems(pod(spec + CONTAINERS))).isEmpty();
    }

    @Test
    void theImageOfAContainerMayChange() {
        var old = pod(CONTAINERS);
        var updated =
                pod(
                        CONTAINERS
                                .replace("a:1", "a:2")
                                .replace("'a'}", "'a', 'imagePullPolicy': 'IfNotPresent'}"));

        assertThat(changes(old, updated)).isEmpty();
    }

    @Test
    void theCommandOfAContainerMayNotChange() {
        var updated = pod("'containers': [{'name': 'a', 'image': 'a:1', 'command': ['x']}]");

        assertThat(changes(pod(CONTAINERS), updated))
                .containsExactly(
                        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nchanged: spec.containers");
    }

    @Test
    void containersMayNotBeAdded() {
        var updated =
                pod("'containers': [{'name': 'a', 'image': 'a:1'}, {'name': 'b', 'image': 'b'}]");

        assertThat(changes(pod(CONTAINERS), updated))
                .containsExactly(
                        "spec.containers: Forbidden: pod updates may not add or remove containers");
    }

    @ParameterizedTest
    @CsvSource({"10, 5, true", "10, 20, false", "0, 5, true"})
    void aDeadlineMayOnlyComeCloser(long before, long after, boolean allowed) {
        var old =
                pod((before == 0 ? "" : "'activeDeadlineSeconds': " + before + ", ") + CONTAINERS);
        var updated = pod("'activeDeadlineSeconds': " + after + ", " + CONTAINERS);

        assertThat(changes(old, updated).isEmpty()).isEqualTo(allowed);
    }

    @Test
    void tolerationsMayBeAddedAndNotTakenAway() {
        var old = pod("'tolerations': [{'key': 'a', 'operator': 'Exists'}], " + CONTAINERS);
        var more =
                pod(
                        "'tolerations': [{'key': 'b', 'operator': 'Exists'}, {'key': 'a', 'operator': 'Exists'}], "
                                + CONTAINERS);

        assertThat(changes(old, more)).isEmpty();
        assertThat(changes(more, old))
                .containsExactly(
                        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds");
    }

    @Test
    void ephemeralContainersStay() {
        var old = pod("'ephemeralContainers': [{'name': 'e', 'image': 'a:1'}], " + CONTAINERS);

        assertThat(Validation.update(PODS, old, old, "ephemeralcontainers")).isEmpty();
        assertThat(Validation.update(PODS, old, pod(CONTAINERS), "ephemeralcontainers"))
                .extracting(cause -> cause.message())
                .containsExactly(
                        "Forbidden: existing ephemeral containers \"e\" may not be removed\n");
    }
}
