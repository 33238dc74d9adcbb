// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.Registry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The verbs on stored objects: from query and body to one call of the registry, and back.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
final class Verbs {
    private static final String SUCCESS = "Success";

    private final Registry registry;
    private final Tables tables;
    private final InstantSource clock;
    private final Supplier<Duration> watchLifetime;
    private final WatchStream.OpenWatches watches;

    Verbs(
            Registry registry,
            Tables tables,
            InstantSource clock,
            Supplier<Duration> watchLifetime,
            WatchStream.OpenWatches watches) {
        this.registry = registry;
        this.tables = tables;
        this.clock = clock;
        this.watchLifetime = watchLifetime;
        this.watches = watches;
    }

    /// Carries out `attributes.verb()` on an object or collection of `type`.
    void serve(Exchange exchange, ResourceType type, Attributes attributes) throws IOException {
        boolean wholeCollection = attributes.name().isEmpty();
        if (wholeCollection && Set.of("update", "patch").contains(attributes.verb())) {
            throw Errors.methodNotAllowed();
        }
        switch (attributes.verb()) {
            case "get" -> get(exchange, type, attributes);
            case "list" -> list(exchange, type, attributes);
            case "watch" -> watch(exchange, type, attributes);
            case "create" -> create(exchange, type, attributes);
            case "update" -> update(exchange, type, attributes);
            case "patch" -> patch(exchange, type, attributes);
            case "delete" -> delete(exchange, type, attributes);
            case "deletecollection" -> deleteCollection(exchange, type, attributes);
            default -> throw Errors.methodNotAllowed();
        }
    }

    private void get(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var accept = exchange.accept(Rendering.VIEWS);
        var object = registry.get(type, key(type, attributes), attributes.subresource());
        answer(exchange, 200, type, accept, object);
    }

    private void list(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var accept = exchange.accept(Rendering.VIEWS);
        if (exchange.query().has("sendInitialEvents")) {
            throw Errors.invalidOptions(
                    "ListOptions",
                    List.of(
                            new Status.Cause(
                                    "FieldValueForbidden",
                                    "Forbidden: sendInitialEvents is forbidden for list",
                                    "sendInitialEvents")));
        }
        var rendering = rendering(exchange, type, accept);
        var options = exchange.query().listOptions(namespace(type, attributes));
        var listing = registry.list(type, options);
        if (rendering.isPlain() && !exchange.query().has("pretty")) {
            exchange.sendJson(200, rendering.bytes(listing));
        } else {
            exchange.send(200, accept.encoding(), rendering.tree(listing));
        }
    }

    private void watch(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var accept = exchange.accept(Rendering.VIEWS);
        long seconds = exchange.query().number("timeoutSeconds", 0);
        var lifetime = seconds > 0 ? Duration.ofSeconds(seconds) : watchLifetime.get();
        new WatchStream(
                        exchange,
                        registry,
                        type,
                        rendering(exchange, type, accept),
                        clock,
                        lifetime)
                .run(exchange.query().listOptions(namespace(type, attributes)), watches);
    }

    private void create(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        if (!attributes.name().isEmpty()) {
            throw Errors.methodNotAllowed();
        }
        var accept = exchange.accept(Rendering.VIEWS);
        var body = Bodies.object(exchange, type.apiVersion(), type.kind());
        var object = (JsonObject) body.value();
        var namespace = namespace(type, attributes);
        if (type.namespaced() && namespace.isEmpty()) {
            throw ApiException.badRequest("an empty namespace may not be set during creation");
        }
        checkNamespace(object, namespace);
        var created = registry.create(type, namespace, object, options(exchange, "Create", body));
        answer(exchange, 201, type, accept, created);
    }

    private void update(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var accept = exchange.accept(Rendering.VIEWS);
        var part = attributes.subresource();
        var sub = subresource(type, part);
        var body =
                sub == null
                        ? Bodies.object(exchange, type.apiVersion(), type.kind())
                        : Bodies.object(exchange, apiVersion(sub), sub.kind());
        var object = (JsonObject) body.value();
        var key = key(type, attributes);
        checkName(object, key);
        checkNamespace(object, key.namespace());
        var updated = registry.update(type, key, part, object, options(exchange, "Update", body));
        answer(exchange, 200, type, accept, updated);
    }

    private void patch(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var accept = exchange.accept(Rendering.VIEWS);
        var body = Bodies.patch(exchange);
        var options =
                exchange.query()
                        .writeOptions(
                                "PatchOptions",
                                exchange.header("User-Agent"),
                                body.duplicates(),
                                exchange.warnings());
        var patched =
                registry.patch(
                        type,
                        key(type, attributes),
                        attributes.subresource(),
                        body.patch(),
                        options);
        answer(exchange, 200, type, accept, patched);
    }

    private void delete(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        var accept = exchange.accept(Rendering.VIEWS);
        var key = key(type, attributes);
        answer(
                exchange,
                200,
                type,
                accept,
                registry.delete(type, key, deleteOptions(exchange, Bodies.optional(exchange))));
    }

    private void deleteCollection(Exchange exchange, ResourceType type, Attributes attributes)
            throws IOException {
        if (!type.verbs().contains("deletecollection")) {
            throw Errors.methodNotAllowed();
        }
        var accept = exchange.accept(Set.of());
        var deleted =
                registry.deleteCollection(
                        type,
                        exchange.query().listOptions(namespace(type, attributes)),
                        deleteOptions(exchange, Bodies.optional(exchange)));
        exchange.send(
                200,
                accept.encoding(),
                Rendering.list(type.kind() + "List", type.apiVersion(), JsonObject.EMPTY, deleted));
    }

    /// What is posted to a subresource that the registry carries out: a binding, an eviction.
    void act(Exchange exchange, ResourceType type, Attributes attributes) throws IOException {
        var accept = exchange.accept(Set.of());
        var sub = subresource(type, attributes.subresource());
        if (sub == null) {
            throw Errors.unknownPath();
        }
        var body = Bodies.object(exchange, apiVersion(sub), sub.kind());
        var key = key(type, attributes);
        checkName((JsonObject) body.value(), key);
        var answer =
                registry.update(
                        type,
                        key,
                        sub.name(),
                        (JsonObject) body.value(),
                        options(exchange, "Create", body));
        exchange.send(201, accept.encoding(), answer);
    }

    private void answer(
            Exchange exchange, int code, ResourceType type, Accept accept, JsonObject object)
            throws IOException {
        boolean isStatus =
                object.string("kind").equals("Status")
                        && object.string("status").equals(SUCCESS)
                        && object.string("apiVersion").equals("v1");
        Json shown = isStatus ? object : rendering(exchange, type, accept).object(object);
        exchange.send(code, accept.encoding(), shown);
    }

    private Rendering rendering(Exchange exchange, ResourceType type, Accept accept) {
        return new Rendering(type, accept, tables, exchange.query().text("includeObject"));
    }

    private static Api.WriteOptions options(
            Exchange exchange, String verb, JsonReader.Document body) {
        return exchange.query()
                .writeOptions(
                        verb + "Options",
                        exchange.header("User-Agent"),
                        body.duplicates(),
                        exchange.warnings());
    }

    /// From the body, else the query; a body that is there wins.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/>
    static Api.DeleteOptions deleteOptions(Exchange exchange, @Nullable JsonObject body) {
        var causes = new ArrayList<Status.Cause>();
        boolean dryRun = exchange.query().dryRun(causes);
        if (!causes.isEmpty()) {
            throw Errors.invalidOptions("DeleteOptions", causes);
        }
        var sent = body == null ? JsonObject.EMPTY : body;
        var grace = sent.get("gracePeriodSeconds");
        if (grace != null
                && !(grace instanceof dev.coracle.core.json.JsonNumber number && number.isLong())) {
            throw ApiException.badRequest(
                    "DeleteOptions: gracePeriodSeconds: %s is not an integer".formatted(grace));
        }
        var preconditions = sent.object("preconditions");
        var policy = sent.stringOrNull("propagationPolicy");
        return new Api.DeleteOptions(
                grace == null
                        ? exchange.query().number("gracePeriodSeconds")
                        : Long.valueOf(sent.number("gracePeriodSeconds", 0)),
                policy == null ? policy(exchange, sent) : policy,
                preconditions.stringOrNull("uid"),
                preconditions.stringOrNull("resourceVersion"),
                dryRun || sent.array("dryRun").strings().contains("All"),
                exchange.warnings()::add);
    }

    private static @Nullable String policy(Exchange exchange, JsonObject sent) {
        var asked = exchange.query().text("propagationPolicy");
        if (!asked.isEmpty()) {
            return asked;
        }
        if (sent.has("orphanDependents")) { // what propagationPolicy replaced, still sent by some
            return sent.bool("orphanDependents", false) ? "Orphan" : "Background";
        }
        return null;
    }

    static ResourceType.@Nullable Subresource subresource(ResourceType type, String name) {
        return type.subresources().stream()
                .filter(sub -> sub.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String apiVersion(ResourceType.Subresource sub) {
        return sub.group().isEmpty() ? sub.version() : sub.group() + "/" + sub.version();
    }

    static String namespace(ResourceType type, Attributes attributes) {
        return type.namespaced() ? attributes.namespace() : "";
    }

    static ObjectKey key(ResourceType type, Attributes attributes) {
        if (type.namespaced() && attributes.namespace().isEmpty()) {
            throw Errors.unknownPath();
        }
        return new ObjectKey(namespace(type, attributes), attributes.name());
    }

    private static void checkName(JsonObject object, ObjectKey key) {
        var name = object.object("metadata").string("name");
        if (!name.isEmpty() && !name.equals(key.name())) {
            throw ApiException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)"
                            .formatted(name, key.name()));
        }
    }

    private static void checkNamespace(JsonObject object, String namespace) {
        var sent = object.object("metadata").string("namespace");
        if (!sent.isEmpty() && !namespace.isEmpty() && !sent.equals(namespace)) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the"
                            + " request");
        }
    }
}
