// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Fills in what an object's author left out, as upstream v1.36 does when it decodes one.
///
/// Applied to every object that comes in, created or updated; applying it twice changes nothing.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/>
public final class Defaults {
    private static final Map<String, UnaryOperator<JsonObject>> BY_RESOURCE =
            Map.ofEntries(
                    Map.entry("pods", PodDefaults::pod),
                    Map.entry(
                            "podtemplates",
                            template -> template.with("template", PodDefaults::template)),
                    Map.entry("services", NetworkDefaults::service),
                    Map.entry("endpoints", NetworkDefaults::endpoints),
                    Map.entry("endpointslices.discovery.k8s.io", NetworkDefaults::endpointSlice),
                    Map.entry("ingresses.networking.k8s.io", NetworkDefaults::ingress),
                    Map.entry("networkpolicies.networking.k8s.io", NetworkDefaults::networkPolicy),
                    Map.entry("deployments.apps", WorkloadDefaults::deployment),
                    Map.entry("replicasets.apps", WorkloadDefaults::replicaSet),
                    Map.entry("statefulsets.apps", WorkloadDefaults::statefulSet),
                    Map.entry("daemonsets.apps", WorkloadDefaults::daemonSet),
                    Map.entry("replicationcontrollers", WorkloadDefaults::replicationController),
                    Map.entry("jobs.batch", WorkloadDefaults::job),
                    Map.entry("cronjobs.batch", WorkloadDefaults::cronJob),
                    Map.entry("namespaces", ClusterDefaults::namespace),
                    Map.entry("nodes", ClusterDefaults::node),
                    Map.entry("limitranges", ClusterDefaults::limitRange),
                    Map.entry("resourcequotas", ClusterDefaults::resourceQuota),
                    Map.entry("secrets", StorageDefaults::secret),
                    Map.entry("persistentvolumes", StorageDefaults::volume),
                    Map.entry("persistentvolumeclaims", StorageDefaults::claim),
                    Map.entry("storageclasses.storage.k8s.io", StorageDefaults::storageClass),
                    Map.entry("horizontalpodautoscalers.autoscaling", ClusterDefaults::autoscaler),
                    Map.entry("poddisruptionbudgets.policy", ClusterDefaults::disruptionBudget),
                    Map.entry("rolebindings.rbac.authorization.k8s.io", ClusterDefaults::binding),
                    Map.entry(
                            "clusterrolebindings.rbac.authorization.k8s.io",
                            ClusterDefaults::binding),
                    Map.entry("priorityclasses.scheduling.k8s.io", ClusterDefaults::priorityClass));

    private Defaults() {}

    /// `object` with the defaults of its kind; kinds without any come back as they are.
    public static JsonObject apply(ResourceType type, JsonObject object) {
        return BY_RESOURCE.getOrDefault(type.qualified(), UnaryOperator.identity()).apply(object);
    }
}
