// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Containers, init containers and ephemeral containers of one pod.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container>
final class ContainerRules {
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final List<String> RESTART_POLICIES = List.of("Always", "Never", "OnFailure");
    private static final List<String> PROBES =
            List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe");
    private static final int MAX_RULES = 20;
    private static final int MAX_EXIT_CODES = 255;

    private final JsonObject spec;
    private final String path;
    private final boolean inPod;
    private final Causes causes;
    private final Map<String, JsonObject> volumes = new LinkedHashMap<>();
    private final long grace;
    private final boolean hostUsers;
    private final String os;

    /// Rules for the containers in the pod spec at `path`; `inPod` where it is not a template.
    ContainerRules(JsonObject spec, String path, boolean inPod, Causes causes) {
        this.spec = spec;
        this.path = path;
        this.inPod = inPod;
        this.causes = causes;
        for (var volume : spec.array("volumes").objects()) {
            volumes.putIfAbsent(volume.string("name"), volume);
        }
        grace = spec.number("terminationGracePeriodSeconds", 0);
        hostUsers = spec.bool("hostUsers", true);
        os = spec.object("os").string("name");
    }

    void check() {
        containers();
        initContainers();
        ephemeralContainers();
    }

    private void containers() {
        if (spec.array("containers").isEmpty()) {
            causes.required(path + ".containers");
            return;
        }
        var names = new HashSet<String>();
        var hostPorts = new HashSet<String>();
        Items.each(
                spec,
                path,
                "containers",
                (at, container) -> {
                    common(container, at);
                    unique(container, names, at);
                    HandlerRules.lifecycle(container, at, grace, os, causes);
                    HandlerRules.probes(container, at, grace, causes);
                    restartPolicy(container, at);
                });
        Items.each(
                spec, path, "containers", (at, container) -> hostPorts(container, hostPorts, at));
    }

    private void initContainers() {
        var names = new HashSet<String>();
        spec.array("containers").objects().forEach(c -> names.add(c.string("name")));
        Items.each(
                spec,
                path,
                "initContainers",
                (at, container) -> {
                    common(container, at);
                    restartPolicy(container, at);
                    unique(container, names, at);
                    hostPorts(container, new HashSet<>(), at);
                    if (container.string("restartPolicy").equals("Always")) {
                        HandlerRules.lifecycle(container, at, grace, os, causes);
                        HandlerRules.probes(container, at, grace, causes);
                    } else {
                        forbidden(
                                container,
                                PROBES,
                                at,
                                "may not be set for init containers without restartPolicy=Always");
                    }
                });
    }

    private void ephemeralContainers() {
        var others = new HashSet<String>();
        for (var list : List.of("containers", "initContainers")) {
            spec.array(list).objects().forEach(c -> others.add(c.string("name")));
        }
        var names = new HashSet<>(others);
        var why = "cannot be set for an Ephemeral Container";
        Items.each(
                spec,
                path,
                "ephemeralContainers",
                (at, container) -> {
                    common(container, at);
                    unique(container, names, at);
                    var target = container.string("targetContainerName");
                    if (!target.isEmpty() && !others.contains(target)) {
                        causes.notFound(at + ".targetContainerName", target);
                    }
                    forbidden(container, List.of("ports", "resources"), at, why);
                    forbidden(container, PROBES, at, why);
                    forbidden(
                            container,
                            List.of("restartPolicy", "restartPolicyRules", "resizePolicy"),
                            at,
                            why);
                    Items.each(
                            container,
                            at,
                            "volumeMounts",
                            (p, mount) ->
                                    forbidden(mount, List.of("subPath", "subPathExpr"), p, why));
                });
    }

    private void forbidden(JsonObject object, List<String> fields, String at, String why) {
        for (var field : fields) {
            boolean set =
                    switch (object.get(field)) {
                        case null -> false;
                        case JsonNull _ -> false;
                        case JsonObject value -> !field.equals("resources") || !value.isEmpty();
                        case JsonArray array -> !array.isEmpty();
                        case Json _ -> true;
                    };
            if (set) {
                causes.forbidden(at + "." + field, why);
            }
        }
    }

    private void unique(JsonObject container, Set<String> names, String at) {
        var name = container.string("name");
        if (!name.isEmpty() && !names.add(name)) {
            causes.duplicate(at + ".name", name);
        }
    }

    private void common(JsonObject container, String at) {
        var name = container.string("name");
        if (name.isEmpty()) {
            causes.required(at + ".name");
        } else {
            causes.invalidEach(at + ".name", name, Names.label(name));
        }
        image(container.string("image"), at);
        policy(container, "terminationMessagePolicy", List.of("File", "FallbackToLogsOnError"), at);
        ports(container, at);
        EnvironmentRules.check(container, at, causes);
        MountRules.check(container, volumes, at, causes);
        policy(container, "imagePullPolicy", PULL_POLICIES, at);
        ResourceRules.check(container.object("resources"), at + ".resources", false, causes);
        SecurityRules.container(container, hostUsers, at, causes);
    }

    private void image(String image, String at) {
        if (image.isEmpty()) {
            causes.required(at + ".image");
        } else if (inPod && !image.equals(image.strip())) {
            causes.invalid(at + ".image", image, "must not have leading or trailing whitespace");
        }
    }

    private void policy(JsonObject container, String field, List<String> allowed, String at) {
        var value = container.string(field);
        if (value.isEmpty()) {
            causes.required(at + "." + field);
        } else if (!allowed.contains(value)) {
            causes.unsupported(at + "." + field, value, allowed);
        }
    }

    private void ports(JsonObject container, String at) {
        var names = new HashSet<String>();
        Items.each(
                container,
                at,
                "ports",
                (p, port) -> {
                    var name = port.string("name");
                    if (!name.isEmpty()) {
                        var wrong = Names.portName(name);
                        causes.invalidEach(p + ".name", name, wrong);
                        if (wrong.isEmpty() && !names.add(name)) {
                            causes.duplicate(p + ".name", name);
                        }
                    }
                    if (port.number("containerPort", 0) == 0) {
                        causes.required(p + ".containerPort");
                    } else {
                        Numbers.inRange(port, "containerPort", p, 1, Numbers.MAX_PORT, causes);
                    }
                    if (port.number("hostPort", 0) != 0) {
                        Numbers.inRange(port, "hostPort", p, 1, Numbers.MAX_PORT, causes);
                    }
                    policy(port, "protocol", PROTOCOLS, p);
                });
    }

    private void hostPorts(JsonObject container, Set<String> taken, String at) {
        Items.each(
                container,
                at,
                "ports",
                (p, port) -> {
                    long number = port.number("hostPort", 0);
                    var key =
                            "%s/%s/%d"
                                    .formatted(
                                            port.string("protocol"), port.string("hostIP"), number);
                    if (number != 0 && !taken.add(key)) {
                        causes.duplicate(p + ".hostPort", key);
                    }
                });
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restart-rules>
    private void restartPolicy(JsonObject container, String at) {
        var policy = container.stringOrNull("restartPolicy");
        if (policy != null && !RESTART_POLICIES.contains(policy)) {
            causes.unsupported(at + ".restartPolicy", policy, RESTART_POLICIES);
        }
        var rules = container.array("restartPolicyRules");
        if (rules.isEmpty()) {
            return;
        }
        if (policy == null) {
            causes.required(
                    at + ".restartPolicy",
                    "must specify restartPolicy when restart rules are used");
        }
        if (rules.size() > MAX_RULES) {
            causes.tooMany(at + ".restartPolicyRules", rules.size(), MAX_RULES);
        }
        Items.each(container, at, "restartPolicyRules", this::restartRule);
    }

    private void restartRule(String at, JsonObject rule) {
        var action = rule.string("action");
        if (!action.equals("Restart") && !action.equals("RestartAllContainers")) {
            causes.unsupported(at + ".action", action, List.of("Restart", "RestartAllContainers"));
        }
        if (!(rule.get("exitCodes") instanceof JsonObject codes)) {
            causes.required(at + ".exitCodes", "must be specified");
            return;
        }
        var operator = codes.string("operator");
        if (!operator.equals("In") && !operator.equals("NotIn")) {
            causes.unsupported(at + ".exitCodes.operator", operator, List.of("In", "NotIn"));
        }
        var values = codes.array("values");
        if (values.size() > MAX_EXIT_CODES) {
            causes.tooMany(at + ".exitCodes.values", values.size(), MAX_EXIT_CODES);
        }
        var seen = new HashSet<String>();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof JsonNumber number && !seen.add(number.literal())) {
                causes.duplicate("%s.exitCodes.values[%d]".formatted(at, i), number);
            }
        }
    }
}
