// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The sandbox that a pod asks for.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>
final class SandboxSpecs {
    private static final int HOSTNAME_LIMIT = 63;

    private SandboxSpecs() {}

    static SandboxSpec of(Pod pod, int attempt, KubeletConfig config) {
        var spec = pod.spec();
        var security = spec.object("securityContext");
        return new SandboxSpec(
                pod.key().name(),
                pod.key().namespace(),
                pod.uid(),
                attempt,
                hostname(pod, config),
                logDirectory(pod, config),
                PodDns.of(pod, config),
                portMappings(pod),
                labels(pod),
                pod.metadata().object("annotations").strings(),
                "",
                new SandboxSpec.Namespaces(
                        pod.hostNetwork(),
                        spec.bool("hostPID", false),
                        spec.bool("hostIPC", false),
                        spec.bool("shareProcessNamespace", false)),
                sysctls(security),
                number(security, "runAsUser"),
                number(security, "runAsGroup"),
                groups(security),
                seccomp(security.object("seccompProfile")),
                pod.allContainers().stream()
                        .anyMatch(
                                container ->
                                        container
                                                .tree()
                                                .object("securityContext")
                                                .bool("privileged", false)));
    }

    /// `/var/log/pods/NAMESPACE_NAME_UID`.
    ///
    /// <https://kubernetes.io/docs/concepts/cluster-administration/logging/>
    static String logDirectory(Pod pod, KubeletConfig config) {
        return config.podLogDirectory()
                + "/"
                + pod.key().namespace()
                + "_"
                + pod.key().name()
                + "_"
                + pod.uid();
    }

    /// Empty on the node's own network, where a pod has the node's host name, too: a runtime that
    /// was told another one would have to refuse.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    private static String hostname(Pod pod, KubeletConfig config) {
        if (pod.hostNetwork()) {
            return "";
        }
        var qualified = qualifiedName(pod, config);
        return pod.spec().bool("setHostnameAsFQDN", false) && !qualified.isEmpty()
                ? qualified
                : shortName(pod);
    }

    private static String shortName(Pod pod) {
        var override = pod.spec().string("hostnameOverride");
        var asked = override.isEmpty() ? pod.spec().string("hostname") : override;
        var name = asked.isEmpty() ? pod.key().name() : asked;
        if (name.length() <= HOSTNAME_LIMIT) {
            return name;
        }
        return name.substring(0, HOSTNAME_LIMIT).replaceAll("[-.]+$", "");
    }

    private static String qualifiedName(Pod pod, KubeletConfig config) {
        var subdomain = pod.spec().string("subdomain");
        return subdomain.isEmpty()
                ? ""
                : shortName(pod)
                        + "."
                        + subdomain
                        + "."
                        + pod.key().namespace()
                        + ".svc."
                        + config.clusterDomain();
    }

    /// The pod's `/etc/hosts`.
    ///
    /// <https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/>
    static String hosts(Pod pod, List<String> ips, KubeletConfig config) {
        var text = new StringBuilder("# Kubernetes-managed hosts file.\n");
        text.append("127.0.0.1\tlocalhost\n");
        text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
        text.append("fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\n");
        text.append("fe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
        var qualified = qualifiedName(pod, config);
        var name = pod.hostNetwork() ? config.nodeName() : shortName(pod);
        for (var ip : pod.hostNetwork() ? List.of(config.nodeIp()) : ips) {
            text.append(ip).append('\t');
            if (!qualified.isEmpty()) {
                text.append(qualified).append('\t');
            }
            text.append(name).append('\n');
        }
        var aliases = pod.spec().array("hostAliases").objects();
        if (!aliases.isEmpty()) {
            text.append("\n# Entries added by HostAliases.\n");
            for (var alias : aliases) {
                text.append(alias.string("ip"))
                        .append('\t')
                        .append(String.join("\t", alias.array("hostnames").strings()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static List<SandboxSpec.PortMapping> portMappings(Pod pod) {
        var mappings = new ArrayList<SandboxSpec.PortMapping>();
        if (pod.hostNetwork()) {
            return mappings;
        }
        for (var container : pod.allContainers()) {
            for (var port : container.tree().array("ports").objects()) {
                int hostPort = (int) port.number("hostPort", 0);
                if (hostPort > 0) {
                    var protocol = port.string("protocol");
                    mappings.add(
                            new SandboxSpec.PortMapping(
                                    protocol.isEmpty() ? "TCP" : protocol,
                                    (int) port.number("containerPort", 0),
                                    hostPort,
                                    port.string("hostIP")));
                }
            }
        }
        return mappings;
    }

    private static Map<String, String> labels(Pod pod) {
        var labels = new LinkedHashMap<>(pod.metadata().object("labels").strings());
        labels.putAll(identity(pod));
        return labels;
    }

    /// The labels by which every tool finds the pod of a sandbox or container.
    static Map<String, String> identity(Pod pod) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("io.kubernetes.pod.name", pod.key().name());
        labels.put("io.kubernetes.pod.namespace", pod.key().namespace());
        labels.put("io.kubernetes.pod.uid", pod.uid());
        return labels;
    }

    private static Map<String, String> sysctls(JsonObject security) {
        var sysctls = new LinkedHashMap<String, String>();
        for (var sysctl : security.array("sysctls").objects()) {
            sysctls.put(sysctl.string("name"), sysctl.string("value"));
        }
        return sysctls;
    }

    static List<Long> groups(JsonObject security) {
        var groups = new ArrayList<Long>();
        for (var group : security.array("supplementalGroups")) {
            if (group instanceof JsonNumber number && number.isLong()) {
                groups.add(number.longValue());
            }
        }
        var fsGroup = number(security, "fsGroup");
        if (fsGroup != null && !groups.contains(fsGroup)) {
            groups.add(fsGroup);
        }
        return groups;
    }

    static @Nullable Long number(JsonObject object, String name) {
        return object.get(name) instanceof JsonNumber number && number.isLong()
                ? number.longValue()
                : null;
    }

    static SandboxSpec.SeccompProfile seccomp(JsonObject profile) {
        return profile.isEmpty()
                ? SandboxSpec.SeccompProfile.UNCONFINED
                : new SandboxSpec.SeccompProfile(
                        profile.string("type"), profile.string("localhostProfile"));
    }
}
