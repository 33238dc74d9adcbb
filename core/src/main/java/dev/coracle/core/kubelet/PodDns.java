// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A pod's resolver configuration.
///
/// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>
final class PodDns {
    private PodDns() {}

    static SandboxSpec.Dns of(Pod pod, KubeletConfig config) {
        var base =
                pod.spec().string("dnsPolicy").equals("None")
                        ? new SandboxSpec.Dns(List.of(), List.of(), List.of())
                        : wantsCluster(pod)
                                ? clusterFirst(pod, config)
                                : parse(config.resolvConf());
        return merge(base, pod.spec().object("dnsConfig"));
    }

    private static boolean wantsCluster(Pod pod) {
        return switch (pod.spec().string("dnsPolicy")) {
            case "None", "Default" -> false;
            case "ClusterFirstWithHostNet" -> true;
            default -> !pod.hostNetwork();
        };
    }

    /// What the events `MissingClusterDNS` tell of a pod that asks for the cluster's DNS where
    /// there is none, so that it gets the node's; null if there is nothing to tell.
    ///
    /// Differs from upstream: the event `MissingClusterDNS` is of the pod alone, not of the node
    /// too, and comes once with each sandbox.
    static @Nullable String missing(Pod pod, KubeletConfig config) {
        return config.clusterDns() != null || !wantsCluster(pod)
                ? null
                : ("pod: \"%s_%s(%s)\". kubelet does not have ClusterDNS IP configured and cannot"
                                + " create Pod using \"ClusterFirst\" policy. Falling back to"
                                + " \"Default\" policy.")
                        .formatted(pod.key().name(), pod.key().namespace(), pod.uid());
    }

    private static SandboxSpec.Dns clusterFirst(Pod pod, KubeletConfig config) {
        var node = parse(config.resolvConf());
        var server = config.clusterDns();
        if (server == null) {
            return node;
        }
        var domain = config.clusterDomain();
        var searches = new LinkedHashSet<String>();
        searches.add(pod.key().namespace() + ".svc." + domain);
        searches.add("svc." + domain);
        searches.add(domain);
        searches.addAll(node.searches());
        return new SandboxSpec.Dns(List.of(server), List.copyOf(searches), List.of("ndots:5"));
    }

    /// `search` and `options` lines: the last one counts; `nameserver` lines add up.
    private static SandboxSpec.Dns parse(String resolvConf) {
        var servers = new ArrayList<String>();
        List<String> searches = List.of();
        List<String> options = List.of();
        for (var line : resolvConf.lines().toList()) {
            var words = List.of(line.strip().split("\\s+"));
            var rest = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> servers.addAll(rest.subList(0, Math.min(1, rest.size())));
                case "search" -> searches = rest;
                case "options" -> options = rest;
                default -> {}
            }
        }
        return new SandboxSpec.Dns(servers, searches, options);
    }

    private static SandboxSpec.Dns merge(SandboxSpec.Dns base, JsonObject dnsConfig) {
        var servers = new LinkedHashSet<>(base.servers());
        servers.addAll(dnsConfig.array("nameservers").strings());
        var searches = new LinkedHashSet<>(base.searches());
        searches.addAll(dnsConfig.array("searches").strings());
        var options = new LinkedHashMap<String, String>();
        base.options().forEach(option -> options.put(option.split(":", 2)[0], option));
        for (var option : dnsConfig.array("options").objects()) {
            var name = option.string("name");
            var value = option.string("value");
            options.put(name, value.isEmpty() ? name : name + ":" + value);
        }
        return new SandboxSpec.Dns(
                List.copyOf(servers), List.copyOf(searches), List.copyOf(options.values()));
    }
}
