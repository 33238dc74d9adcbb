// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import static java.util.Map.entry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.FieldSelector;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/// The fields that field selectors may name, by kind. Every kind has `metadata.name` and
/// `metadata.namespace`.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
final class FieldLabels {
    private static final Map<String, Function<JsonObject, String>> METADATA =
            Map.of(
                    "metadata.name", path("metadata", "name"),
                    "metadata.namespace", path("metadata", "namespace"));

    private static final Map<String, Map<String, Function<JsonObject, String>>> BY_TYPE =
            Map.ofEntries(
                    entry("pods", pods()),
                    entry("events", coreEvents()),
                    entry("events.events.k8s.io", newEvents()),
                    entry("nodes", Map.of("spec.unschedulable", flag("spec", "unschedulable"))),
                    entry("namespaces", Map.of("status.phase", path("status", "phase"))),
                    entry("secrets", Map.of("type", path("type"))),
                    entry(
                            "services",
                            Map.of(
                                    "spec.clusterIP", path("spec", "clusterIP"),
                                    "spec.type", path("spec", "type"))),
                    entry(
                            "replicationcontrollers",
                            Map.of("status.replicas", count("status", "replicas"))),
                    entry(
                            "replicasets.apps",
                            Map.of("status.replicas", count("status", "replicas"))),
                    entry("jobs.batch", Map.of("status.successful", count("status", "succeeded"))),
                    entry(
                            "certificatesigningrequests.certificates.k8s.io",
                            Map.of("spec.signerName", path("spec", "signerName"))),
                    entry(
                            "resourceslices.resource.k8s.io",
                            Map.of(
                                    "spec.driver", path("spec", "driver"),
                                    "spec.nodeName", path("spec", "nodeName"))));

    private FieldLabels() {}

    /// @throws ApiException 400 for a field that selectors of this kind cannot name
    static void check(ResourceType type, FieldSelector selector) {
        for (var term : selector.terms()) {
            if (METADATA.containsKey(term.field()) || own(type).containsKey(term.field())) {
                continue;
            }
            throw ApiException.badRequest(
                    BY_TYPE.containsKey(type.qualified())
                            ? "field label not supported: " + term.field()
                            : "\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                                    .formatted(term.field()));
        }
    }

    static boolean chooses(ResourceType type, FieldSelector selector, JsonObject object) {
        for (var term : selector.terms()) {
            var read = METADATA.get(term.field());
            if (read == null) {
                read = own(type).get(term.field());
            }
            if (read == null || read.apply(object).equals(term.value()) == term.negated()) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Function<JsonObject, String>> own(ResourceType type) {
        return BY_TYPE.getOrDefault(type.qualified(), Map.of());
    }

    private static Map<String, Function<JsonObject, String>> pods() {
        return Map.ofEntries(
                entry("spec.nodeName", path("spec", "nodeName")),
                entry("spec.restartPolicy", path("spec", "restartPolicy")),
                entry("spec.schedulerName", path("spec", "schedulerName")),
                entry("spec.serviceAccountName", path("spec", "serviceAccountName")),
                entry("spec.hostNetwork", flag("spec", "hostNetwork")),
                entry("status.phase", path("status", "phase")),
                entry("status.podIP", FieldLabels::podIp),
                entry("status.podIPs", FieldLabels::podIp),
                entry("status.nominatedNodeName", path("status", "nominatedNodeName")));
    }

    private static String podIp(JsonObject pod) {
        var ips = pod.object("status").array("podIPs").objects();
        return ips.isEmpty() ? pod.object("status").string("podIP") : ips.getFirst().string("ip");
    }

    private static Map<String, Function<JsonObject, String>> coreEvents() {
        var fields = new HashMap<String, Function<JsonObject, String>>(reference("involvedObject"));
        fields.put("reason", path("reason"));
        fields.put("type", path("type"));
        fields.put("reportingComponent", path("reportingComponent"));
        fields.put("source", FieldLabels::source);
        return Map.copyOf(fields);
    }

    private static Map<String, Function<JsonObject, String>> newEvents() {
        var fields = new HashMap<String, Function<JsonObject, String>>(reference("regarding"));
        fields.put("reason", path("reason"));
        fields.put("type", path("type"));
        fields.put("reportingController", path("reportingController"));
        return Map.copyOf(fields);
    }

    private static String source(JsonObject event) {
        var component = event.object("source").string("component");
        return component.isEmpty() ? event.string("reportingComponent") : component;
    }

    private static Map<String, Function<JsonObject, String>> reference(String name) {
        var fields = new HashMap<String, Function<JsonObject, String>>();
        for (var part :
                new String[] {
                    "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"
                }) {
            fields.put(name + "." + part, path(name, part));
        }
        return fields;
    }

    private static Function<JsonObject, String> path(String... path) {
        return object -> object.at(path) instanceof JsonString(var value) ? value : "";
    }

    private static Function<JsonObject, String> flag(String... path) {
        return object -> Boolean.toString(Json.of(true).equals(object.at(path)));
    }

    private static Function<JsonObject, String> count(String... path) {
        return object -> object.at(path) instanceof JsonNumber(var literal) ? literal : "0";
    }
}
