// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.cluster;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Controller;
import dev.coracle.core.controller.endpoints.EndpointSlices;
import dev.coracle.core.controller.endpoints.LegacyEndpoints;
import dev.coracle.core.controller.endpoints.MirroredSlices;
import dev.coracle.core.controller.garbage.GarbageCollector;
import dev.coracle.core.controller.loadbalancer.LoadBalancers;
import dev.coracle.core.controller.replication.ReplicationControllers;
import dev.coracle.core.controller.system.SystemService;
import dev.coracle.core.controller.system.SystemServices;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.store.Store;
import dev.coracle.core.view.IndexedView;
import dev.coracle.core.view.StoreDependents;
import java.util.List;

/// The controllers of pods and services, and the view they decide on.
public final class ClusterControllers {
    private ClusterControllers() {}

    /// What the controllers see; it ends with [IndexedView#close].
    public static IndexedView view(Store store) {
        return new IndexedView(
                store,
                List.of(
                        ResourceTypes.PODS,
                        ResourceTypes.SERVICES,
                        ResourceTypes.ENDPOINT_SLICES,
                        ResourceTypes.REPLICATION_CONTROLLERS));
    }

    /// Who owns what, for [#of]; it ends with [StoreDependents#close].
    public static StoreDependents dependents(Store store) {
        return new StoreDependents(store, owned());
    }

    /// Events are too many, and nobody owns them.
    private static List<ResourceType> owned() {
        return ResourceTypes.stored().stream()
                .filter(type -> !type.equals(ResourceTypes.EVENTS))
                .toList();
    }

    public static List<Controller> of(StoreDependents dependents) {
        var endpoints =
                new EndpointSlices.Types(
                        ResourceTypes.SERVICES,
                        ResourceTypes.PODS,
                        ResourceTypes.NODES,
                        ResourceTypes.ENDPOINTS,
                        ResourceTypes.ENDPOINT_SLICES);
        return List.of(
                new GarbageCollector(owned(), dependents),
                new ReplicationControllers(
                        ResourceTypes.REPLICATION_CONTROLLERS, ResourceTypes.PODS),
                new EndpointSlices(endpoints),
                new LegacyEndpoints(endpoints),
                new MirroredSlices(endpoints),
                new LoadBalancers(ResourceTypes.SERVICES, ResourceTypes.NODES));
    }

    /// Keeps the cluster's own `services`.
    public static Controller system(List<SystemService> services) {
        return new SystemServices(
                new SystemServices.Types(
                        ResourceTypes.NAMESPACES,
                        ResourceTypes.SERVICES,
                        ResourceTypes.ENDPOINTS,
                        ResourceTypes.ENDPOINT_SLICES),
                services);
    }
}
