// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Kinds that keep pods running: a selector, a template that it chooses, a count.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/>
record WorkloadRules(Kind kind) implements Rules {
    static final String UNSELECTED = "`selector` does not match template `labels`";

    enum Kind {
        DEPLOYMENT("empty selector is invalid for deployment", "ReplicaSet"),
        REPLICA_SET("empty selector is invalid for deployment", "ReplicaSet"),
        REPLICATION_CONTROLLER("", "ReplicationController"),
        STATEFUL_SET("empty selector is invalid for statefulset", "StatefulSet"),
        DAEMON_SET("empty selector is invalid for daemonset", "DaemonSet");

        private final String unselective;
        private final String name;

        Kind(String unselective, String name) {
            this.unselective = unselective;
            this.name = name;
        }
    }

    private static final List<String> COUNTS =
            List.of("replicas", "minReadySeconds", "revisionHistoryLimit");

    /// What of a StatefulSet may change.
    private static final List<String> CHANGEABLE =
            List.of(
                    "replicas",
                    "ordinals",
                    "template",
                    "updateStrategy",
                    "revisionHistoryLimit",
                    "persistentVolumeClaimRetentionPolicy",
                    "minReadySeconds");

    @Override
    public void create(JsonObject object, Causes causes) {
        var spec = object.object("spec");
        COUNTS.forEach(count -> Numbers.notNegative(spec, count, "spec", causes));
        selector(spec, causes);
        if (kind == Kind.REPLICATION_CONTROLLER && !spec.has("template")) {
            causes.required("spec.template");
        } else {
            template(spec, causes);
        }
        switch (kind) {
            case DEPLOYMENT -> deployment(spec, causes);
            case STATEFUL_SET -> statefulSet(spec, causes);
            case DAEMON_SET -> daemonSet(spec, causes);
            case REPLICA_SET, REPLICATION_CONTROLLER -> {}
        }
    }

    @Override
    public void update(JsonObject oldObject, JsonObject updatedObject, Causes causes) {
        create(updatedObject, causes);
        var old = oldObject.object("spec");
        var updated = updatedObject.object("spec");
        switch (kind) {
            case DEPLOYMENT, REPLICA_SET, DAEMON_SET ->
                    Metadata.immutable(updated, old, "selector", "spec", causes);
            case STATEFUL_SET -> onlyChangeable(old, updated, causes);
            case REPLICATION_CONTROLLER -> {}
        }
    }

    private static void onlyChangeable(JsonObject old, JsonObject updated, Causes causes) {
        var names = new TreeSet<>(old.names());
        names.addAll(updated.names());
        CHANGEABLE.forEach(names::remove);
        if (names.stream().anyMatch(name -> !Metadata.same(updated.get(name), old.get(name)))) {
            causes.forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private void selector(JsonObject spec, Causes causes) {
        if (kind == Kind.REPLICATION_CONTROLLER) {
            if (spec.object("selector").isEmpty()) {
                causes.required("spec.selector");
            }
            return;
        }
        if (!(spec.get("selector") instanceof JsonObject selector)) {
            causes.required("spec.selector");
            return;
        }
        LabelSelectors.check(selector, "spec.selector", causes);
        if (LabelSelectors.isEmpty(selector)) {
            causes.invalid("spec.selector", selector, kind.unselective);
        }
    }

    private void template(JsonObject spec, Causes causes) {
        var template = spec.object("template");
        var labels = template.object("metadata").object("labels");
        var selector =
                kind == Kind.REPLICATION_CONTROLLER
                        ? JsonObject.of("matchLabels", spec.object("selector"))
                        : spec.object("selector");
        if (!LabelSelectors.matches(selector, labels.strings())) {
            causes.invalid("spec.template.metadata.labels", labels, UNSELECTED);
        }
        PodSpecRules.template(withClaims(spec, template), "spec.template", causes);
        var podSpec = template.object("spec");
        var policy = podSpec.string("restartPolicy");
        if (!policy.equals("Always")) {
            causes.unsupported("spec.template.spec.restartPolicy", policy, List.of("Always"));
        }
        if (Numbers.has(podSpec, "activeDeadlineSeconds")) {
            causes.forbidden(
                    "spec.template.spec.activeDeadlineSeconds",
                    "activeDeadlineSeconds in %s is not Supported".formatted(kind.name));
        }
    }

    /// The claims of a StatefulSet are volumes of its pods.
    private static JsonObject withClaims(JsonObject spec, JsonObject template) {
        var claims = spec.array("volumeClaimTemplates").objects();
        if (claims.isEmpty()) {
            return template;
        }
        return template.with(
                "spec",
                podSpec -> {
                    var names =
                            claims.stream()
                                    .map(claim -> claim.object("metadata").string("name"))
                                    .toList();
                    var volumes = new ArrayList<Json>();
                    for (var volume : podSpec.array("volumes").objects()) {
                        if (!names.contains(volume.string("name"))) {
                            volumes.add(volume);
                        }
                    }
                    for (var name : names) {
                        var claim = JsonObject.of("claimName", Json.of(name));
                        volumes.add(
                                JsonObject.of(
                                        "name", Json.of(name), "persistentVolumeClaim", claim));
                    }
                    return podSpec.with("volumes", JsonArray.of(volumes));
                });
    }

    private static void deployment(JsonObject spec, Causes causes) {
        var strategy = spec.object("strategy");
        var type = strategy.string("type");
        switch (type) {
            case "Recreate" -> {
                if (strategy.has("rollingUpdate")) {
                    causes.forbidden(
                            "spec.strategy.rollingUpdate",
                            "may not be specified when strategy `type` is 'Recreate'");
                }
            }
            case "RollingUpdate" -> {
                var rolling = strategy.object("rollingUpdate");
                shares(rolling, "spec.strategy.rollingUpdate", causes);
                if (isZero(rolling, "maxUnavailable") && isZero(rolling, "maxSurge")) {
                    causes.invalid(
                            "spec.strategy.rollingUpdate.maxUnavailable",
                            rolling.get("maxUnavailable"),
                            "may not be 0 when `maxSurge` is 0");
                }
            }
            default ->
                    causes.unsupported(
                            "spec.strategy.type", type, List.of("Recreate", "RollingUpdate"));
        }
        if (Numbers.has(spec, "progressDeadlineSeconds")) {
            Numbers.notNegative(spec, "progressDeadlineSeconds", "spec", causes);
            long deadline = spec.number("progressDeadlineSeconds", 0);
            if (deadline <= spec.number("minReadySeconds", 0)) {
                causes.invalid(
                        "spec.progressDeadlineSeconds",
                        deadline,
                        "must be greater than minReadySeconds");
            }
        }
    }

    private static void shares(JsonObject rolling, String path, Causes causes) {
        Numbers.countOrPercent(rolling, "maxUnavailable", path, causes);
        Numbers.countOrPercent(rolling, "maxSurge", path, causes);
        if (rolling.get("maxUnavailable") instanceof JsonString(var text)
                && text.matches("[0-9]{1,9}%")
                && Integer.parseInt(text.substring(0, text.length() - 1)) > 100) {
            causes.invalid(path + ".maxUnavailable", text, "must not be greater than 100%");
        }
    }

    private static boolean isZero(JsonObject rolling, String name) {
        return switch (rolling.get(name)) {
            case JsonNumber number -> number.decimal().signum() == 0;
            case JsonString(var text) -> text.matches("0+%");
            case null, default -> true;
        };
    }

    private static void statefulSet(JsonObject spec, Causes causes) {
        var policy = spec.string("podManagementPolicy");
        if (!policy.equals("OrderedReady") && !policy.equals("Parallel")) {
            causes.invalid(
                    "spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
        }
        var strategy = spec.object("updateStrategy");
        var path = "spec.updateStrategy";
        switch (strategy.string("type")) {
            case "" -> causes.required(path);
            case "OnDelete" -> {
                if (strategy.get("rollingUpdate") instanceof JsonObject rolling) {
                    causes.invalid(
                            path + ".rollingUpdate",
                            rolling,
                            "only allowed for updateStrategy 'RollingUpdate'");
                }
            }
            case "RollingUpdate" ->
                    Numbers.notNegative(
                            strategy.object("rollingUpdate"),
                            "partition",
                            path + ".rollingUpdate",
                            causes);
            default -> causes.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'");
        }
        Numbers.notNegative(spec.object("ordinals"), "start", "spec.ordinals", causes);
        var retention = spec.object("persistentVolumeClaimRetentionPolicy");
        for (var when : List.of("whenDeleted", "whenScaled")) {
            var value = retention.string(when);
            if (!value.equals("Retain") && !value.equals("Delete")) {
                causes.unsupported(
                        "spec.persistentVolumeClaimRetentionPolicy." + when,
                        value,
                        List.of("Delete", "Retain"));
            }
        }
    }

    private static void daemonSet(JsonObject spec, Causes causes) {
        var strategy = spec.object("updateStrategy");
        var path = "spec.updateStrategy";
        var type = strategy.string("type");
        if (type.equals("OnDelete")) {
            return;
        }
        if (!type.equals("RollingUpdate")) {
            causes.unsupported(path + ".type", type, List.of("OnDelete", "RollingUpdate"));
            return;
        }
        var rolling = strategy.object("rollingUpdate");
        shares(rolling, path + ".rollingUpdate", causes);
        boolean unavailable = !isZero(rolling, "maxUnavailable");
        boolean surge = !isZero(rolling, "maxSurge");
        if (unavailable && surge) {
            causes.invalid(
                    path + ".rollingUpdate.maxSurge",
                    rolling.get("maxSurge"),
                    "may not be set when maxUnavailable is non-zero");
        }
        if (!unavailable && !surge) {
            causes.invalid(
                    path + ".rollingUpdate.maxUnavailable",
                    rolling.get("maxUnavailable"),
                    "cannot be 0 when maxSurge is 0");
        }
    }
}
