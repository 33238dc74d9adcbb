// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.schema.Merge.ListType;
import dev.coracle.core.schema.Merge.Strategy;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchemasTest {
    private static final Schemas SCHEMAS = Schemas.load();

    private static Field field(String type, String name) {
        return requireNonNull(SCHEMAS.type(type).field(name), type + "." + name);
    }

    @Test
    void aKindIsFoundByGroupVersionAndKind() {
        assertThat(SCHEMAS.kind("", "v1", "Pod")).isSameAs(SCHEMAS.type("V1Pod"));
        assertThat(SCHEMAS.kind("apps/v1", "Deployment")).isSameAs(SCHEMAS.type("V1Deployment"));
        assertThat(SCHEMAS.kind("events.k8s.io/v1", "Event"))
                .isSameAs(SCHEMAS.type("EventsV1Event"));
        assertThat(SCHEMAS.kind("v1", "Event")).isSameAs(SCHEMAS.type("CoreV1Event"));
        assertThat(SCHEMAS.kind("v1", "PodList")).isSameAs(SCHEMAS.type("V1PodList"));
        assertThat(SCHEMAS.kind("autoscaling/v1", "Scale")).isSameAs(SCHEMAS.type("V1Scale"));
    }

    @Test
    void anUnservedVersionHasNoSchema() {
        assertThat(SCHEMAS.kind("batch/v1beta1", "CronJob")).isNull();
        assertThat(SCHEMAS.kind("v1", "pod")).isNull();
    }

    @Test
    void everyServedPathWithAKindHasATypeWhoseFieldsParse() {
        var parsed = new HashSet<String>();
        for (var resource : SCHEMAS.resources()) {
            if (!resource.type().isEmpty()) {
                visit(SCHEMAS.type(resource.type()), parsed);
                assertThat(resource.type()).endsWith(resource.kind());
            }
        }
        assertThat(parsed).hasSizeGreaterThan(500).contains("V1Container", "V1ObjectMeta");
    }

    private static void visit(Schema schema, Set<String> parsed) {
        if (parsed.add(schema.name())) {
            schema.fields().values().forEach(field -> visit(field.type(), parsed));
        }
    }

    private static void visit(Type type, Set<String> parsed) {
        switch (type) {
            case Type.ObjectOf(Schema schema) -> visit(schema, parsed);
            case Type.ListOf(Type element) -> visit(element, parsed);
            case Type.MapOf(Type element) -> visit(element, parsed);
            case Type.Scalar _ -> {}
        }
    }

    @Test
    void everyLineOfTheMergeTableNamesAFieldThatExists() {
        for (var file : new String[] {"merge.txt", "zero.txt"}) {
            Schemas.text(file)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(
                            line -> {
                                var words = line.split(" ", -1);
                                int last = file.equals("merge.txt") ? 2 : words.length;
                                for (int i = 1; i < last; i++) {
                                    assertThat(SCHEMAS.type(words[0]).field(words[i]))
                                            .as(words[0] + "." + words[i])
                                            .isNotNull();
                                }
                            });
        }
    }

    @Test
    void mergeKeysAreFieldsOfTheElements() {
        for (var resource : SCHEMAS.resources()) {
            var parsed = new HashSet<String>();
            if (!resource.type().isEmpty()) {
                visit(SCHEMAS.type(resource.type()), parsed);
            }
            for (var name : parsed) {
                for (var field : SCHEMAS.type(name).fields().values()) {
                    if (field.type() instanceof Type.ListOf(Type.ObjectOf(Schema element))) {
                        assertThat(element.fields().keySet()).containsAll(keys(field));
                    }
                }
            }
        }
    }

    private static Set<String> keys(Field field) {
        var keys = new HashSet<>(field.merge().listMapKeys());
        if (!field.merge().patchMergeKey().isEmpty()) {
            keys.add(field.merge().patchMergeKey());
        }
        return keys;
    }

    @Test
    void aFieldKnowsItsTypeAndHowItMerges() {
        var ports = field("V1Container", "ports");
        assertThat(ports.type())
                .isEqualTo(new Type.ListOf(new Type.ObjectOf(SCHEMAS.type("V1ContainerPort"))));
        assertThat(ports.merge().listType()).isEqualTo(ListType.MAP);
        assertThat(ports.merge().listMapKeys()).containsExactly("containerPort", "protocol");
        assertThat(ports.merge().patchMergeKey()).isEqualTo("containerPort");
        assertThat(field("V1PodSpec", "volumes").merge().strategies())
                .containsExactlyInAnyOrder(Strategy.MERGE, Strategy.RETAIN_KEYS);
        assertThat(field("V1PodSpec", "tolerations").merge()).isEqualTo(Merge.NONE);
        assertThat(field("V1Secret", "data").type()).isEqualTo(new Type.MapOf(Type.Scalar.BYTES));
        assertThat(field("V1LeaseSpec", "renewTime").type()).isEqualTo(Type.Scalar.MICRO_TIME);
        assertThat(field("V1PodSpec", "containers").required()).isTrue();
        assertThat(field("V1PodSpec", "hostNetwork").omitsZero()).isTrue();
        assertThat(field("V1DeploymentSpec", "replicas").omitsZero()).isFalse();
    }

    @Test
    void resourcesSayWhereAndHowTheyAreServed() {
        assertThat(SCHEMAS.resources())
                .anySatisfy(
                        resource -> {
                            assertThat(resource.plural()).isEqualTo("deployments");
                            assertThat(resource.subresource()).isEqualTo("scale");
                            assertThat(resource.kind()).isEqualTo("Scale");
                            assertThat(resource.verbs()).containsExactly("get", "patch", "update");
                        })
                .anySatisfy(
                        resource -> {
                            assertThat(resource.plural()).isEqualTo("nodes");
                            assertThat(resource.namespaced()).isFalse();
                            assertThat(resource.verbs()).contains("watch", "deletecollection");
                        });
    }

    @Test
    void descriptionsExplainTypesAndFields() {
        var descriptions = Descriptions.load();
        var probe = SCHEMAS.type("V1Probe");
        assertThat(descriptions.of(probe)).startsWith("Probe describes a health check");
        assertThat(descriptions.of(probe, "periodSeconds"))
                .startsWith("How often (in seconds) to perform the probe.");
        assertThat(descriptions.of(probe, "period")).isEmpty();
    }

    @Test
    void aTypeThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> SCHEMAS.type("V1Boat"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no type V1Boat");
    }
}
