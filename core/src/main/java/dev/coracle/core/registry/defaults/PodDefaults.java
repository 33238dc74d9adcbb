// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import static dev.coracle.core.registry.defaults.Unset.each;
import static dev.coracle.core.registry.defaults.Unset.empty;
import static dev.coracle.core.registry.defaults.Unset.inside;
import static dev.coracle.core.registry.defaults.Unset.missing;
import static dev.coracle.core.registry.defaults.Unset.zero;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// Defaults of pods and of the pod templates in other kinds.
///
/// Some hold for a pod only and not for a template (requests from limits, service links, host
/// ports), so that a template stays as its author wrote it.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>
final class PodDefaults {
    private static final List<String> CONTAINER_LISTS =
            List.of("initContainers", "containers", "ephemeralContainers");

    private PodDefaults() {}

    static JsonObject pod(JsonObject pod) {
        return pod.with("spec", spec -> podOnly(spec(spec)));
    }

    /// A template as every workload holds it: `{metadata, spec}`.
    static JsonObject template(JsonObject template) {
        return missing(template, "metadata", JsonObject.EMPTY).with("spec", PodDefaults::spec);
    }

    private static JsonObject spec(JsonObject spec) {
        var result = empty(spec, "restartPolicy", "Always");
        result = missing(result, "terminationGracePeriodSeconds", 30);
        result = empty(result, "dnsPolicy", "ClusterFirst");
        result = serviceAccountMirrored(result);
        result = missing(result, "securityContext", JsonObject.EMPTY);
        result = empty(result, "schedulerName", "default-scheduler");
        result = each(result, "volumes", VolumeDefaults::volume);
        for (var list : CONTAINER_LISTS) {
            result = each(result, list, PodDefaults::container);
        }
        result = inside(result, "resources", ResourceDefaults::requirements);
        return ResourceDefaults.list(result, "overhead");
    }

    /// `serviceAccount` is the old name of `serviceAccountName`; both always say the same.
    private static JsonObject serviceAccountMirrored(JsonObject spec) {
        var name = spec.string("serviceAccountName");
        if (name.isEmpty()) {
            name = spec.string("serviceAccount");
        }
        return name.isEmpty()
                ? spec
                : spec.with("serviceAccountName", name).with("serviceAccount", name);
    }

    private static JsonObject podOnly(JsonObject spec) {
        var result = missing(spec, "enableServiceLinks", true);
        for (var list : List.of("initContainers", "containers")) {
            result = each(result, list, ResourceDefaults::requestsFromLimits);
            if (spec.bool("hostNetwork", false)) {
                result = each(result, list, PodDefaults::hostPorts);
            }
        }
        return PodLevelResources.complete(result);
    }

    private static JsonObject hostPorts(JsonObject container) {
        return each(
                container,
                "ports",
                port -> zero(port, "hostPort", port.number("containerPort", 0)));
    }

    private static JsonObject container(JsonObject container) {
        var result = each(container, "ports", port -> empty(port, "protocol", "TCP"));
        result = each(result, "env", PodDefaults::variable);
        result = missing(result, "resources", JsonObject.EMPTY);
        result = result.with("resources", ResourceDefaults::requirements);
        for (var probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            result = inside(result, probe, PodDefaults::probe);
        }
        result = inside(result, "lifecycle", PodDefaults::lifecycle);
        result = empty(result, "terminationMessagePath", "/dev/termination-log");
        result = empty(result, "terminationMessagePolicy", "File");
        return empty(
                result, "imagePullPolicy", ImagePullPolicy.defaultFor(container.string("image")));
    }

    private static JsonObject variable(JsonObject variable) {
        return inside(
                variable,
                "valueFrom",
                source -> {
                    var result =
                            inside(source, "fieldRef", field -> empty(field, "apiVersion", "v1"));
                    result =
                            inside(
                                    result,
                                    "resourceFieldRef",
                                    field -> missing(field, "divisor", "0"));
                    return inside(result, "fileKeyRef", file -> missing(file, "optional", false));
                });
    }

    private static JsonObject probe(JsonObject probe) {
        var result = handler(probe);
        result = zero(result, "timeoutSeconds", 1);
        result = zero(result, "periodSeconds", 10);
        result = zero(result, "successThreshold", 1);
        return zero(result, "failureThreshold", 3);
    }

    private static JsonObject lifecycle(JsonObject lifecycle) {
        return inside(
                inside(lifecycle, "postStart", PodDefaults::handler),
                "preStop",
                PodDefaults::handler);
    }

    private static JsonObject handler(JsonObject handler) {
        var result =
                inside(handler, "httpGet", get -> empty(empty(get, "path", "/"), "scheme", "HTTP"));
        return inside(result, "grpc", grpc -> missing(grpc, "service", Json.of("")));
    }
}
