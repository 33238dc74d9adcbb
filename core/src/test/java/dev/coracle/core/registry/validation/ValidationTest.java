// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.defaults.Defaults;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ValidationTest {
    private static final String TEMPLATE =
            "'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'a', 'image': 'a:1'}]}}";
    private static final String JOB_TEMPLATE =
            "'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'restartPolicy': 'Never', 'containers': [{'name': 'a', 'image': 'a:1'}]}}";

    private static ResourceType type(String qualified) {
        int dot = qualified.indexOf('.');
        var plural = dot < 0 ? qualified : qualified.substring(0, dot);
        var group = dot < 0 ? "" : qualified.substring(dot + 1);
        boolean namespaced = !plural.equals("namespaces") && !plural.equals("nodes");
        return new ResourceType(
                group, "v1", plural, plural, plural, namespaced, List.of(), List.of());
    }

    /// An object with defaults, named `n` in the namespace `default` unless it says otherwise.
    private static JsonObject object(ResourceType type, String text) {
        var json = JsonReader.parseObject(text.strip().replace('\'', '"'));
        var metadata = JsonObject.builder().put("name", "n").put("resourceVersion", "1");
        if (type.namespaced()) {
            metadata.put("namespace", "default");
        }
        json.object("metadata").forEach(metadata::put);
        return Defaults.apply(type, json.with("metadata", metadata.build()));
    }

    /// With single quotes for double ones, which read badly in tables.
    private static List<String> problems(String kind, String text) {
        var type = type(kind);
        return Validation.create(
                        type,
                        object(
                                type,
                                text.replace("TEMPLATE", TEMPLATE).replace("JOB", JOB_TEMPLATE)))
                .stream()
                .map(cause -> cause.field() + ": " + cause.message().replace('"', '\''))
                .toList();
    }

    private static List<String> changes(String kind, String old, String updated) {
        var type = type(kind);
        return Validation.update(type, object(type, old), object(type, updated), "").stream()
                .map(cause -> cause.field() + ": " + cause.message().replace('"', '\''))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "configmaps | {'data': {'a': 'b'}}",
                "secrets | {'stringData': {'a': 'b'}}",
                "namespaces | {'metadata': {'name': 'a'}}",
                "nodes | {'metadata': {'name': 'yard.example'}}",
                "services | {'spec': {'ports': [{'port': 80}]}}",
                "services | {'metadata': {'name': '1st'}, 'spec': {'type': 'ExternalName', 'externalName': 'example.com.'}}",
                "deployments.apps | {'spec': {'selector': {'matchLabels': {'a': 'b'}}, TEMPLATE}}",
                "replicasets.apps | {'spec': {'selector': {'matchExpressions': [{'key': 'a', 'operator': 'In', 'values': ['b']}]}, TEMPLATE}}",
                "statefulsets.apps | {'spec': {'serviceName': 's', 'selector': {'matchLabels': {'a': 'b'}}, TEMPLATE}}",
                "daemonsets.apps | {'spec': {'selector': {'matchLabels': {'a': 'b'}}, TEMPLATE}}",
                "replicationcontrollers | {'spec': {TEMPLATE}}",
                "jobs.batch | {'spec': {'selector': {'matchLabels': {'a': 'b'}}, JOB}}",
                "cronjobs.batch | {'spec': {'schedule': '*/5 0-6,8 * jan-mar MON', 'timeZone': 'Europe/Berlin', 'jobTemplate': {'spec': {JOB}}}}",
                "cronjobs.batch | {'spec': {'schedule': '@every 1h30m', 'jobTemplate': {'spec': {JOB}}}}",
                "leases.coordination.k8s.io | {'spec': {'leaseDurationSeconds': 40}}",
                "events | {'involvedObject': {'namespace': 'default'}}",
                "events | {'involvedObject': {'kind': 'Node', 'name': 'a'}}",
                "endpoints | {'subsets': [{'addresses': [{'ip': '10.0.0.1'}], 'ports': [{'port': 80}]}]}",
                "endpointslices.discovery.k8s.io | {'addressType': 'IPv6', 'endpoints': [{'addresses': ['fd00::1']}], 'ports': [{'port': 80}]}",
            })
    void aRightObjectIsAccepted(String kind, String object) {
        assertThat(problems(kind.strip(), object)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "configmaps | {'metadata': {'name': 'A'}} | metadata.name: Invalid value: 'A': a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "configmaps | {'metadata': {'name': ''}} | metadata.name: Required value: name or generateName is required",
                "configmaps | {'metadata': {'labels': {'a': 'b c'}}} | metadata.labels: Invalid value: 'b c': a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
                "configmaps | {'metadata': {'annotations': {'/a': ''}}} | metadata.annotations: Invalid value: '/a': prefix part must be non-empty",
                "configmaps | {'metadata': {'ownerReferences': [{'apiVersion': 'v1', 'kind': 'Pod', 'name': 'p'}]}} | metadata.ownerReferences.uid: Invalid value: '': must not be empty",
                "namespaces | {'metadata': {'name': 'a.b'}} | metadata.name: Invalid value: 'a.b': must not contain dots",
                "namespaces | {'metadata': {'namespace': 'x'}} | metadata.namespace: Forbidden: not allowed on this type",
                "configmaps | {'data': {'a/b': ''}} | data[a/b]: Invalid value: 'a/b': a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
                "configmaps | {'data': {'a': ''}, 'binaryData': {'a': ''}} | data[a]: Invalid value: 'a': duplicate of key present in binaryData",
                "secrets | {'type': 'kubernetes.io/tls', 'data': {'tls.crt': ''}} | data[tls.key]: Required value",
                "secrets | {'data': {'a': '%'}} | data[a]: Invalid value: '<contents redacted>': illegal base64 data",
                "services | {'spec': {}} | spec.ports: Required value",
                "services | {'spec': {'ports': [{'port': 1, 'name': 'a'}, {'port': 2}]}} | spec.ports[1].name: Required value",
                "services | {'spec': {'type': 'Odd', 'ports': [{'port': 1}]}} | spec.type: Unsupported value: 'Odd': supported values: 'ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'",
                "services | {'spec': {'ports': [{'port': 1, 'nodePort': 30000}]}} | spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
                "services | {'spec': {'type': 'ExternalName'}} | spec.externalName: Required value",
                "deployments.apps | {'spec': {'selector': {'matchLabels': {'a': 'c'}}, TEMPLATE}} | spec.template.metadata.labels: Invalid value: {'a':'b'}: `selector` does not match template `labels`",
                "deployments.apps | {'spec': {'selector': {}, TEMPLATE}} | spec.selector: Invalid value: {}: empty selector is invalid for deployment",
                "deployments.apps | {'spec': {'replicas': -1, 'selector': {'matchLabels': {'a': 'b'}}, TEMPLATE}} | spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "deployments.apps | {'spec': {'strategy': {'rollingUpdate': {'maxUnavailable': 0, 'maxSurge': '0%'}}, 'selector': {'matchLabels': {'a': 'b'}}, TEMPLATE}} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
                "deployments.apps | {'spec': {'selector': {'matchLabels': {'a': 'b'}}, JOB}} | spec.template.spec.restartPolicy: Unsupported value: 'Never': supported values: 'Always'",
                "jobs.batch | {'spec': {'selector': {'matchLabels': {'a': 'b'}}, TEMPLATE}} | spec.template.spec.restartPolicy: Required value: valid values: 'OnFailure', 'Never'",
                "cronjobs.batch | {'spec': {'schedule': '* * * *', 'jobTemplate': {'spec': {JOB}}}} | spec.schedule: Invalid value: '* * * *': expected exactly 5 fields, found 4: [* * * *]",
                "cronjobs.batch | {'spec': {'schedule': '60 * * * *', 'jobTemplate': {'spec': {JOB}}}} | spec.schedule: Invalid value: '60 * * * *': end of range (60) above maximum (59): 60",
                "cronjobs.batch | {'spec': {'schedule': 'x * * * *', 'jobTemplate': {'spec': {JOB}}}} | spec.schedule: Invalid value: 'x * * * *': failed to parse int from x: strconv.Atoi: parsing 'x': invalid syntax",
                "cronjobs.batch | {'spec': {'schedule': '@often', 'jobTemplate': {'spec': {JOB}}}} | spec.schedule: Invalid value: '@often': unrecognized descriptor: @often",
                "cronjobs.batch | {'spec': {'schedule': '@daily', 'timeZone': 'Mars/Olympus', 'jobTemplate': {'spec': {JOB}}}} | spec.timeZone: Invalid value: 'Mars/Olympus': unknown time zone Mars/Olympus",
                "leases.coordination.k8s.io | {'spec': {'leaseDurationSeconds': 0}} | spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
                "events | {'involvedObject': {'namespace': 'other'}} | involvedObject.namespace: Invalid value: 'other': does not match event.namespace",
                "endpoints | {'subsets': [{'addresses': [{'ip': 'x'}]}]} | subsets[0].addresses[0].ip: Invalid value: 'x': must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "endpointslices.discovery.k8s.io | {'addressType': 'IPv4', 'endpoints': [{'addresses': ['fd00::1']}]} | endpoints[0].addresses[0]: Invalid value: 'fd00::1': must be an IPv4 address",
                "endpointslices.discovery.k8s.io | {'addressType': 'IPv6', 'endpoints': [{'addresses': ['10.0.0.1']}]} | endpoints[0].addresses[0]: Invalid value: '10.0.0.1': must be an IPv6 address",
                "endpointslices.discovery.k8s.io | {'addressType': 'IPv6', 'endpoints': [{'addresses': ['::ffff:10.0.0.1']}]} | endpoints[0].addresses[0]: Invalid value: '::ffff:10.0.0.1': must not be an IPv4-mapped IPv6 address",
                "endpointslices.discovery.k8s.io | {'addressType': 'IPv4', 'endpoints': [{'addresses': ['169.254.1.1']}]} | endpoints[0].addresses[0]: Invalid value: '169.254.1.1': may not be in the link-local range (169.254.0.0/16, fe80::/10)",
                "endpointslices.discovery.k8s.io | {'addressType': 'IPv6', 'endpoints': [{'addresses': ['febf::1']}]} | endpoints[0].addresses[0]: Invalid value: 'febf::1': may not be in the link-local range (169.254.0.0/16, fe80::/10)",
                "endpoints | {'subsets': [{'addresses': [{'ip': '127.1.2.3'}]}]} | subsets[0].addresses[0].ip: Invalid value: '127.1.2.3': may not be in the loopback range (127.0.0.0/8, ::1/128)",
                "endpoints | {'subsets': [{'notReadyAddresses': [{'ip': 'ff12::1'}]}]} | subsets[0].notReadyAddresses[0].ip: Invalid value: 'ff12::1': may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
                "endpoints | {'subsets': [{'addresses': [{'ip': '0.0.0.0'}]}]} | subsets[0].addresses[0].ip: Invalid value: '0.0.0.0': may not be unspecified (0.0.0.0 or ::)",
                "endpoints | {'subsets': [{'addresses': [{'ip': '10.0.0.010'}]}]} | subsets[0].addresses[0].ip: Invalid value: '10.0.0.010': must not have leading 0s",
                "endpoints | {'subsets': [{'addresses': [{'ip': '64:ff9b::10.0.00.1'}]}]} | subsets[0].addresses[0].ip: Invalid value: '64:ff9b::10.0.00.1': must not have leading 0s",
                "endpoints | {'subsets': [{'addresses': [{'ip': '010.0.0.300'}]}]} | subsets[0].addresses[0].ip: Invalid value: '010.0.0.300': must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "nodes | {'spec': {'taints': [{'key': 'a', 'effect': 'Odd'}]}} | spec.taints[0].effect: Unsupported value: 'Odd': supported values: 'NoSchedule', 'PreferNoSchedule', 'NoExecute'",
            })
    void aWrongObjectIsRefused(String kind, String object, String problem) {
        assertThat(problems(kind.strip(), object)).containsExactly(problem.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "configmaps | {'metadata': {'uid': 'a'}} | {'metadata': {'uid': 'b'}} | metadata.uid: Invalid value: 'b': field is immutable",
                "configmaps | {} | {'metadata': {'resourceVersion': ''}} | metadata.resourceVersion: Invalid value: '': must be specified for an update",
                "configmaps | {'metadata': {'deletionTimestamp': 't'}} | {'metadata': {'deletionTimestamp': 't', 'finalizers': ['a/b']}} | metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{'a/b'}",
                "configmaps | {'immutable': true, 'data': {'a': 'b'}} | {'immutable': true, 'data': {'a': 'c'}} | data: Forbidden: field is immutable when `immutable` is set",
                "configmaps | {'immutable': true} | {} | immutable: Forbidden: field is immutable when `immutable` is set",
                "secrets | {'type': 'a'} | {'type': 'b'} | type: Invalid value: 'b': field is immutable",
                "services | {'spec': {'clusterIP': '10.0.0.1', 'ports': [{'port': 1}]}} | {'spec': {'clusterIP': '10.0.0.2', 'ports': [{'port': 1}]}} | spec.clusterIPs[0]: Invalid value: ['10.0.0.2']: may not change once set",
                "nodes | {'spec': {'podCIDR': '10.0.0.0/24'}} | {} | spec.podCIDRs: Forbidden: node updates may not change podCIDR except from '' to valid",
            })
    void aWrongChangeIsRefused(String kind, String old, String updated, String problem) {
        assertThat(changes(kind.strip(), old, updated)).containsExactly(problem.strip());
    }

    @Test
    void theSelectorOfADeploymentStays() {
        var type = type("deployments.apps");
        var old =
                object(
                        type,
                        "{'spec': {'selector': {'matchLabels': {'a': 'b'}}, " + TEMPLATE + "}}");
        var updated =
                object(
                        type,
                        ("{'spec': {'selector': {'matchLabels': {'a': 'c'}}, " + TEMPLATE + "}}")
                                .replace("'labels': {'a': 'b'}", "'labels': {'a': 'c'}"));

        assertThat(Validation.update(type, old, updated, ""))
                .extracting(cause -> cause.field() + ": " + cause.message())
                .containsExactly(
                        "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"c\"}}: field is immutable");
    }

    @Test
    void theTemplateOfAJobStaysButItsParallelismMayChange() {
        var type = type("jobs.batch");
        var old =
                object(
                        type,
                        "{'spec': {'selector': {'matchLabels': {'a': 'b'}}, "
                                + JOB_TEMPLATE
                                + "}}");
        var wider = old.with("spec", spec -> spec.with("parallelism", 3));
        var other =
                old.with(
                        "spec",
                        spec ->
                                spec.with(
                                        "template",
                                        template ->
                                                template.with(
                                                        "spec",
                                                        s ->
                                                                s.with(
                                                                        "restartPolicy",
                                                                        Json.of("OnFailure")))));

        assertThat(Validation.update(type, old, wider, "")).isEmpty();
        assertThat(Validation.update(type, old, other, ""))
                .extracting(cause -> cause.field())
                .containsExactly("spec.template");
    }

    @Test
    void aStatefulSetMountsItsClaimsAndKeepsTheName() {
        var type = type("statefulsets.apps");
        var set =
                object(
                        type,
                        "{'spec': {'serviceName': 's', 'selector': {'matchLabels': {'a': 'b'}}, "
                                + TEMPLATE.replace(
                                        "'image': 'a:1'",
                                        "'image': 'a:1', 'volumeMounts': [{'name': 'data', 'mountPath': '/data'}]")
                                + ", 'volumeClaimTemplates': [{'metadata': {'name': 'data'}}]}}");
        var renamed = set.with("spec", spec -> spec.with("serviceName", "other"));
        var scaled = set.with("spec", spec -> spec.with("replicas", 3));

        assertThat(Validation.create(type, set)).isEmpty();
        assertThat(Validation.update(type, set, scaled, "")).isEmpty();
        assertThat(Validation.update(type, set, renamed, ""))
                .extracting(cause -> cause.reason() + " " + cause.field())
                .containsExactly("FieldValueForbidden spec");
    }

    @Test
    void anObjectOfAnotherKindHasItsMetadataCheckedOnly() {
        assertThat(problems("widgets.example.com", "{'spec': 3}")).isEmpty();
        assertThat(problems("widgets.example.com", "{'metadata': {'name': ''}}")).hasSize(1);
    }

    @Test
    void annotationsTogetherMayHave256Kibibytes() {
        var text = "x".repeat(256 * 1024);

        assertThat(problems("configmaps", "{'metadata': {'annotations': {'a': '" + text + "'}}}"))
                .containsExactly(
                        "metadata.annotations: Too long: may not be more than 262144 bytes");
    }
}
