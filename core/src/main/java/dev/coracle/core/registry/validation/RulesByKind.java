// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.Map;
import java.util.function.BiConsumer;

/// Which kind has which rules.
final class RulesByKind {
    static final Rules NONE = new Always((_, _) -> {});

    static final Map<String, Rules> TABLE =
            Map.ofEntries(
                    Map.entry("pods", new PodRules()),
                    Map.entry(
                            "podtemplates",
                            new Always(
                                    (object, causes) ->
                                            PodSpecRules.template(
                                                    object.object("template"),
                                                    "template",
                                                    causes))),
                    Map.entry("services", new ServiceRules()),
                    Map.entry("configmaps", new DataRules(false)),
                    Map.entry("secrets", new DataRules(true)),
                    Map.entry("namespaces", new Always(ClusterRules::namespace)),
                    Map.entry("nodes", new Changing(ClusterRules::node, ClusterRules::nodeUpdate)),
                    Map.entry(
                            "replicationcontrollers",
                            new WorkloadRules(WorkloadRules.Kind.REPLICATION_CONTROLLER)),
                    Map.entry("deployments.apps", new WorkloadRules(WorkloadRules.Kind.DEPLOYMENT)),
                    Map.entry(
                            "replicasets.apps", new WorkloadRules(WorkloadRules.Kind.REPLICA_SET)),
                    Map.entry(
                            "statefulsets.apps",
                            new WorkloadRules(WorkloadRules.Kind.STATEFUL_SET)),
                    Map.entry("daemonsets.apps", new WorkloadRules(WorkloadRules.Kind.DAEMON_SET)),
                    Map.entry("jobs.batch", new JobRules()),
                    Map.entry("cronjobs.batch", new CronJobRules()),
                    Map.entry("leases.coordination.k8s.io", new Always(ClusterRules::lease)),
                    Map.entry("events", new Always(ClusterRules::event)),
                    Map.entry("events.events.k8s.io", new Always(ClusterRules::event)),
                    Map.entry("endpoints", new Always(ClusterRules::endpoints)),
                    Map.entry(
                            "endpointslices.discovery.k8s.io",
                            new Changing(
                                    ClusterRules::endpointSlice,
                                    ClusterRules::endpointSliceUpdate)));

    private RulesByKind() {}

    /// A rule about an object and the one it replaces.
    @FunctionalInterface
    private interface UpdateRule {
        void check(JsonObject old, JsonObject updated, Causes causes);
    }

    /// Rules that hold at any time.
    private record Always(BiConsumer<JsonObject, Causes> rule) implements Rules {
        @Override
        public void create(JsonObject object, Causes causes) {
            rule.accept(object, causes);
        }

        @Override
        public void update(JsonObject old, JsonObject updated, Causes causes) {
            rule.accept(updated, causes);
        }
    }

    /// Rules that also look at what was there before.
    private record Changing(BiConsumer<JsonObject, Causes> rule, UpdateRule updateRule)
            implements Rules {
        @Override
        public void create(JsonObject object, Causes causes) {
            rule.accept(object, causes);
        }

        @Override
        public void update(JsonObject old, JsonObject updated, Causes causes) {
            updateRule.check(old, updated, causes);
        }
    }
}
