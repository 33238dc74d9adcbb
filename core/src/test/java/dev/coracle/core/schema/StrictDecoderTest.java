// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.core.api.Api.FieldValidation;
import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictDecoderTest {
    private static final Schemas SCHEMAS = Schemas.load();

    private static final String TYPOS =
            """
            {"apiVersion":"v1","kind":"Pod",
             "metadata":{"lables":{"name":"a"},"name":"a"},
             "spec":{"containers":[{"image":"a","name":"a","ports":[{"containerPort":8080}],
               "readinessProbe":{"failureThredsHold":8,"httpGet":{"path":"/ap/ready","port":8080},
                 "initialDelaySeconds":10,"preiodSeconds":5}}]}}
            """;

    private static WriteOptions options(FieldValidation validation, String... duplicates) {
        return new WriteOptions(false, validation, "test", List.of(duplicates), new ArrayList<>());
    }

    private static JsonObject decode(String text, WriteOptions options) {
        var tree = JsonReader.parseObject(text);
        var schema = SCHEMAS.kind(tree.string("apiVersion"), tree.string("kind"));
        return StrictDecoder.body(requireNonNull(schema), tree, options);
    }

    private static JsonObject decode(String text) {
        return decode(text, options(FieldValidation.STRICT));
    }

    private static String refusal(String text, WriteOptions options) {
        var refused = catchThrowableOfType(ApiException.class, () -> decode(text, options));
        assertThat(refused.status().code()).isEqualTo(400);
        return refused.status().message();
    }

    private static String refusal(String text) {
        return refusal(text, options(FieldValidation.STRICT));
    }

    private static String pod(String spec) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{" + spec + "}}";
    }

    private static String container(String fields) {
        return pod("\"containers\":[{\"name\":\"a\"," + fields + "}]");
    }

    @Test
    void everyMisspeltFieldIsNamedByItsPath() {
        assertThat(refusal(TYPOS))
                .isEqualTo(
                        "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error:"
                                + " unknown field \"metadata.lables\", unknown field"
                                + " \"spec.containers[0].readinessProbe.failureThredsHold\","
                                + " unknown field"
                                + " \"spec.containers[0].readinessProbe.preiodSeconds\"");
    }

    @Test
    void misspeltYamlIsNamedAsItWasWritten() {
        var yaml =
                """
                apiVersion: batch/v1
                kind: Job
                metadata:
                  name: sums
                sepc:
                  completions: 3
                """;
        assertThat(refusal(Yaml.parse(yaml).text()))
                .isEqualTo(
                        "Job in version \"v1\" cannot be handled as a Job: strict decoding error:"
                                + " unknown field \"sepc\"");
    }

    @Test
    void warningsNameThemToo() {
        var options = options(FieldValidation.WARN);
        var decoded = decode(TYPOS, options);
        assertThat(options.warnings())
                .containsExactly(
                        "unknown field \"metadata.lables\"",
                        "unknown field \"spec.containers[0].readinessProbe.failureThredsHold\"",
                        "unknown field \"spec.containers[0].readinessProbe.preiodSeconds\"");
        assertThat(decoded.object("metadata").names()).containsExactly("name");
    }

    @Test
    void ignoredOnesAreDroppedInSilence() {
        var options = options(FieldValidation.IGNORE);
        assertThat(decode(TYPOS, options).object("metadata").names()).containsExactly("name");
        assertThat(options.warnings()).isEmpty();
    }

    @Test
    void duplicatesAreReportedWhereTheyAre() {
        var text = pod("\"containers\":[{\"name\":\"a\",\"name\":\"b\",\"imag\":\"x\"}]");
        var read = JsonReader.read(text.getBytes(StandardCharsets.UTF_8));
        assertThat(
                        refusal(
                                text,
                                options(
                                        FieldValidation.STRICT,
                                        read.duplicates().toArray(String[]::new))))
                .endsWith(
                        "strict decoding error: duplicate field \"spec.containers[0].name\","
                                + " unknown field \"spec.containers[0].imag\"");
    }

    @Test
    void namesAreCaseSensitive() {
        assertThat(refusal(pod("\"Containers\":[]"))).endsWith("unknown field \"spec.Containers\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"image\":5 | json: cannot unmarshal number into Go struct field"
                        + " Container.spec.containers.image of type string",
                "\"ports\":{} | json: cannot unmarshal object into Go struct field"
                        + " Container.spec.containers.ports of type []v1.ContainerPort",
                "\"livenessProbe\":\"x\" | json: cannot unmarshal string into Go struct field"
                        + " Container.spec.containers.livenessProbe of type v1.Probe",
                "\"livenessProbe\":{\"periodSeconds\":\"5\"} | json: cannot unmarshal string into"
                        + " Go struct field Probe.spec.containers.livenessProbe.periodSeconds of"
                        + " type int32",
                "\"livenessProbe\":{\"periodSeconds\":2147483648} | json: cannot unmarshal number"
                        + " 2147483648 into Go struct field"
                        + " Probe.spec.containers.livenessProbe.periodSeconds of type int32",
                "\"livenessProbe\":{\"periodSeconds\":1.5} | json: cannot unmarshal number 1.5 into"
                        + " Go struct field Probe.spec.containers.livenessProbe.periodSeconds of"
                        + " type int32",
                "\"stdin\":\"yes\" | json: cannot unmarshal string into Go struct field"
                        + " Container.spec.containers.stdin of type bool",
                "\"command\":\"sh\" | json: cannot unmarshal string into Go struct field"
                        + " Container.spec.containers.command of type []string",
            })
    void aValueOfTheWrongTypeIsRefusedInUpstreamsWords(String field, String message) {
        assertThat(refusal(container(field)))
                .isEqualTo("Pod in version \"v1\" cannot be handled as a Pod: " + message);
    }

    @Test
    void aQuantityThatIsNoneIsNamed() {
        assertThat(refusal(container("\"resources\":{\"limits\":{\"cpu\":\"1x\"}}")))
                .contains("spec.containers[0].resources.limits.cpu: quantities must match")
                .contains("\"1x\"");
    }

    @Test
    void aTimeThatIsNoneIsNamed() {
        var lease =
                "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"spec\":"
                        + "{\"renewTime\":\"%s\"}}";
        assertThat(refusal(lease.formatted("2026-01-01T00:00:00Z"))).contains("spec.renewTime");
        assertThat(refusal(lease.formatted("2026-13-01T00:00:00.000000Z")))
                .contains("spec.renewTime");
        assertThat(decode(lease.formatted("2026-01-01T01:00:00.123456+01:00")).object("spec"))
                .isEqualTo(JsonReader.parse("{\"renewTime\":\"2026-01-01T00:00:00.123456Z\"}"));
    }

    @Test
    void base64IsCheckedAndItsLineBreaksAreDropped() {
        var secret = "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"key\":\"%s\"}}";
        assertThat(refusal(secret.formatted("!!!"))).contains("data.key: illegal base64 data");
        assertThat(decode(secret.formatted("aGVs\\nbG8=")).object("data").string("key"))
                .isEqualTo("aGVsbG8=");
    }

    @Test
    void whatComesOutIsInTheFormThatIsStored() {
        var decoded =
                decode(
                        container(
                                "\"resources\":{\"limits\":{\"cpu\":0.5,\"memory\":\"1024Mi\"}},"
                                        + "\"env\":[],\"tty\":false,\"image\":null,"
                                        + "\"livenessProbe\":{\"tcpSocket\":{\"port\":\"http\"}}"));
        assertThat(decoded.object("spec").array("containers").get(0))
                .isEqualTo(
                        JsonReader.parse(
                                "{\"name\":\"a\",\"resources\":{\"limits\":{\"cpu\":\"500m\","
                                        + "\"memory\":\"1Gi\"}},"
                                        + "\"livenessProbe\":{\"tcpSocket\":{\"port\":\"http\"}}}"));
    }

    @Test
    void freeFormPartsStayAsTheyAre() {
        var crd =
                """
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
                 "spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":{
                   "default":{"anything":null,"list":[]},"enum":[1,"a",{}]}}}]}}
                """;
        assertThat(decode(crd)).isEqualTo(JsonReader.parse(crd));
    }

    @Test
    void replicasOfZeroAreNotAbsent() {
        var text = "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":0}}";
        assertThat(decode(text)).isEqualTo(JsonReader.parse(text));
    }

    @Test
    void aPatchedObjectIsRefusedWith422() {
        var tree = JsonReader.parseObject("{\"spec\":{\"nodeNaem\":\"a\"}}");
        var options = options(FieldValidation.STRICT);
        assertThatThrownBy(() -> StrictDecoder.patched(SCHEMAS.type("V1Pod"), tree, tree, options))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refused -> {
                            assertThat(refused.status().code()).isEqualTo(422);
                            assertThat(refused.status().message())
                                    .endsWith(
                                            "strict decoding error: unknown field"
                                                    + " \"spec.nodeNaem\"");
                        });
    }

    @Test
    void problemsAreCountedOnlyUpToAHundred() {
        var tree = JsonObject.builder();
        for (int i = 0; i < 150; i++) {
            tree.put("x" + i, i);
        }
        assertThat(StrictDecoder.decode(SCHEMAS.type("V1Pod"), tree.build(), List.of()).problems())
                .hasSize(100);
    }
}
