// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApplicationTest {
    private static final ResourceType PODS =
            new ResourceType("", "v1", "pods", "pod", "Pod", true, List.of(), List.of());
    private static final ResourceType NODES =
            new ResourceType("", "v1", "nodes", "node", "Node", false, List.of(), List.of());

    private final Shelf shelf = new Shelf();
    private final List<String> warnings = new ArrayList<>();
    private final Application application =
            new Application(shelf, List.of(PODS, NODES), warnings::add);

    @Test
    void whatIsNewIsCreatedInTheDefaultNamespace() throws IOException {
        assertThat(
                        application.apply(
                                List.of(manifest("Pod", "web", ""), manifest("Node", "yard", ""))))
                .extracting(Application.Applied::created)
                .containsExactly(true, true);
        assertThat(shelf.writes)
                .containsExactly("create pods default/web STRICT", "create nodes yard STRICT");
    }

    @Test
    void theNamespaceOfTheObjectIsKept() throws IOException {
        application.apply(List.of(manifest("Pod", "web", "shop")));
        assertThat(shelf.writes).containsExactly("create pods shop/web STRICT");
    }

    @Test
    void whatIsThereIsMergedInto() throws IOException {
        shelf.objects.put(new ObjectKey("default", "web"), JsonObject.EMPTY);
        assertThat(application.apply(List.of(manifest("Pod", "web", ""))))
                .extracting(Application.Applied::created)
                .containsExactly(false);
        assertThat(shelf.writes)
                .containsExactly(
                        "create pods default/web STRICT", "patch pods default/web STRATEGIC_MERGE");
    }

    @Test
    void aKindThatIsNotKnownStopsTheFileBeforeAnythingIsWritten() {
        assertThatThrownBy(
                        () ->
                                application.apply(
                                        List.of(
                                                manifest("Pod", "web", ""),
                                                manifest("Pood", "web", ""))))
                .isInstanceOf(IOException.class)
                .hasMessage("x.yaml, document 1: no matches for kind \"Pood\" in version \"v1\"");
        assertThat(shelf.writes).isEmpty();
    }

    @Test
    void aRefusalNamesFileAndObject() {
        shelf.refusal = Status.of(Status.Reason.BAD_REQUEST, "unknown field \"spec.x\"");
        assertThatThrownBy(() -> application.apply(List.of(manifest("Pod", "web", ""))))
                .isInstanceOf(IOException.class)
                .hasMessage("x.yaml, document 1 (Pod \"web\"): unknown field \"spec.x\"");
    }

    @Test
    void warningsAreToldWithTheirFile() throws IOException {
        shelf.warning = "spec.y is deprecated";
        application.apply(List.of(manifest("Pod", "web", "")));
        assertThat(warnings).containsExactly("x.yaml, document 1: spec.y is deprecated");
    }

    private static Manifest manifest(String kind, String name, String namespace) {
        var metadata =
                JsonObject.builder()
                        .put("name", name)
                        .putUnlessEmpty("namespace", namespace)
                        .build();
        var object =
                JsonObject.builder()
                        .put("apiVersion", "v1")
                        .put("kind", kind)
                        .put("metadata", metadata)
                        .build();
        return new Manifest("x.yaml, document 1", object, List.of());
    }

    /// An API that keeps objects by key and notes what it was asked.
    private static final class Shelf implements Api {
        private final Map<ObjectKey, JsonObject> objects = new LinkedHashMap<>();
        private final List<String> writes = new ArrayList<>();
        private Status refusal = Status.of(Status.Reason.INTERNAL_ERROR, "");
        private String warning = "";

        @Override
        public JsonObject create(
                ResourceType type, String namespace, JsonObject object, WriteOptions options) {
            var key = new ObjectKey(namespace, object.object("metadata").string("name"));
            writes.add("create %s %s %s".formatted(type.plural(), key, options.fieldValidation()));
            if (!refusal.message().isEmpty()) {
                throw new ApiException(refusal);
            }
            if (!warning.isEmpty()) {
                options.warnings().add(warning);
            }
            if (objects.putIfAbsent(key, object) != null) {
                throw new ApiException(Status.alreadyExists(type, key.name()));
            }
            return object;
        }

        @Override
        public JsonObject patch(
                ResourceType type,
                ObjectKey key,
                String subresource,
                Patch patch,
                WriteOptions options) {
            writes.add("patch %s %s %s".formatted(type.plural(), key, patch.format()));
            Json body = patch.body();
            return (JsonObject) body;
        }

        @Override
        public JsonObject get(ResourceType type, ObjectKey key) {
            throw new AssertionError("nobody reads");
        }

        @Override
        public JsonObject update(
                ResourceType type,
                ObjectKey key,
                String subresource,
                JsonObject object,
                WriteOptions options) {
            throw new AssertionError("nobody replaces");
        }

        @Override
        public JsonObject delete(ResourceType type, ObjectKey key, DeleteOptions options) {
            throw new AssertionError("nobody deletes");
        }
    }
}
