// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What the downward API can say of a pod: the values of `fieldRef` and `resourceFieldRef`, for
/// environment variables and for files.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields>
final class PodFields {
    private final Pod pod;
    private final List<String> ips;
    private final KubeletConfig config;

    /// `ips` are the pod's addresses.
    PodFields(Pod pod, List<String> ips, KubeletConfig config) {
        this.pod = pod;
        this.ips = List.copyOf(ips);
        this.config = config;
    }

    /// The value at `path`, empty when the pod has none there.
    ///
    /// @throws ConfigException if `path` is none that an environment variable can have
    String value(String path) throws ConfigException {
        var metadata = pod.metadata();
        if (path.startsWith("metadata.labels['") && path.endsWith("']")) {
            return metadata.object("labels").string(quoted(path));
        }
        if (path.startsWith("metadata.annotations['") && path.endsWith("']")) {
            return metadata.object("annotations").string(quoted(path));
        }
        return switch (path) {
            case "metadata.name" -> pod.key().name();
            case "metadata.namespace" -> pod.key().namespace();
            case "metadata.uid" -> pod.uid();
            case "spec.nodeName" -> pod.spec().string("nodeName");
            case "spec.serviceAccountName" -> pod.spec().string("serviceAccountName");
            case "status.hostIP", "status.hostIPs" -> config.nodeIp();
            case "status.podIP" -> ips.isEmpty() ? "" : ips.getFirst();
            case "status.podIPs" -> String.join(",", ips);
            default -> throw new ConfigException("unsupported fieldPath: " + path);
        };
    }

    /// As [#value], and all labels or all annotations, a line each: `key="value"`.
    ///
    /// @throws ConfigException if `path` is none that a file can have
    String fileValue(String path) throws ConfigException {
        return switch (path) {
            case "metadata.labels", "metadata.annotations" ->
                    lines(pod.metadata().object(path.substring("metadata.".length())).strings());
            default -> value(path);
        };
    }

    /// The value of a `resourceFieldRef` that names its container.
    ///
    /// @throws ConfigException if it names nothing
    String resource(JsonObject reference) throws ConfigException {
        return ResourceFields.value(reference, pod.containers().getFirst(), pod, config);
    }

    private static String quoted(String path) {
        return path.substring(path.indexOf('\'') + 1, path.length() - 2);
    }

    private static String lines(Map<String, String> values) {
        return values.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(
                        entry ->
                                entry.getKey()
                                        + "="
                                        + new dev.coracle.core.json.JsonString(entry.getValue()))
                .collect(Collectors.joining("\n"));
    }
}
