// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/// A pod's spec, on its own or in a template.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec>
final class PodSpecRules {
    private static final List<String> RESTART_POLICIES = List.of("Always", "OnFailure", "Never");
    private static final List<String> DNS_POLICIES =
            List.of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
    private static final List<String> PREEMPTION = List.of("PreemptLowerPriority", "Never");
    private static final int MAX_NAMESERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final int MAX_SEARCH_CHARACTERS = 2048;
    private static final Pattern SEARCH =
            Pattern.compile(
                    "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*");

    private PodSpecRules() {}

    /// A template as workloads hold it at `path`.
    static void template(JsonObject template, String path, Causes causes) {
        var metadata = template.object("metadata");
        Metadata.labels(path + ".labels", metadata.object("labels"), causes);
        Metadata.annotations(path + ".annotations", metadata.object("annotations"), causes);
        check(template.object("spec"), path + ".spec", false, causes);
        if (!template.object("spec").array("ephemeralContainers").isEmpty()) {
            causes.forbidden(
                    path + ".spec.ephemeralContainers",
                    "ephemeral containers not allowed in pod template");
        }
    }

    static void check(JsonObject spec, String path, boolean inPod, Causes causes) {
        VolumeRules.check(spec, path, causes);
        new ContainerRules(spec, path, inPod, causes).check();
        if (spec.get("resources") instanceof JsonObject resources) {
            ResourceRules.check(resources, path + ".resources", true, causes);
        }
        hostNetwork(spec, path, inPod, causes);
        oneOf(spec, "restartPolicy", RESTART_POLICIES, path, causes);
        oneOf(spec, "dnsPolicy", DNS_POLICIES, path, causes);
        Metadata.labels(path + ".nodeSelector", spec.object("nodeSelector"), causes);
        SecurityRules.pod(spec, path, causes);
        AffinityRules.check(spec, path, causes);
        dns(spec, path, causes);
        gates(spec, path, causes);
        AffinityRules.spread(spec, path, causes);
        hostUsers(spec, path, causes);
        names(spec, path, causes);
        Numbers.inRange(spec, "activeDeadlineSeconds", path, 1, Integer.MAX_VALUE, causes);
        TolerationRules.check(spec, path, causes);
        hostAliases(spec, path, causes);
        if (spec.has("preemptionPolicy")) {
            oneOf(spec, "preemptionPolicy", PREEMPTION, path, causes);
        }
        ResourceRules.list(spec.object("overhead"), path + ".overhead.limits", false, causes);
        os(spec, path, causes);
    }

    private static void oneOf(
            JsonObject spec, String field, List<String> allowed, String path, Causes causes) {
        var value = spec.string(field);
        if (value.isEmpty()) {
            causes.required(path + "." + field);
        } else if (!allowed.contains(value)) {
            causes.unsupported(path + "." + field, value, allowed);
        }
    }

    private static void names(JsonObject spec, String path, Causes causes) {
        for (var field :
                List.of(
                        "serviceAccountName",
                        "nodeName",
                        "priorityClassName",
                        "runtimeClassName")) {
            var name = spec.string(field);
            if (!name.isEmpty()) {
                causes.invalidEach(path + "." + field, name, Names.subdomain(name));
            }
        }
        for (var field : List.of("hostname", "subdomain")) {
            var name = spec.string(field);
            if (!name.isEmpty()) {
                causes.invalidEach(path + "." + field, name, Names.label(name));
            }
        }
    }

    /// In a pod the host's port is the container's; a template may leave it out.
    private static void hostNetwork(JsonObject spec, String path, boolean inPod, Causes causes) {
        if (!spec.bool("hostNetwork", false)) {
            return;
        }
        Items.each(
                spec,
                path,
                "containers",
                (at, container) ->
                        Items.each(
                                container,
                                at,
                                "ports",
                                (p, port) -> {
                                    long host = port.number("hostPort", 0);
                                    boolean counts = inPod || host != 0;
                                    if (counts && host != port.number("containerPort", 0)) {
                                        causes.invalid(
                                                p + ".hostPort",
                                                host,
                                                "must match `containerPort` when `hostNetwork` is true");
                                    }
                                }));
    }

    private static void hostUsers(JsonObject spec, String path, Causes causes) {
        if (spec.bool("hostUsers", true)) {
            return;
        }
        var why = "when `pod.Spec.HostUsers` is false";
        if (spec.bool("hostNetwork", false)) {
            causes.forbidden(path + ".hostNetwork", why);
        }
        if (spec.bool("hostPID", false)) {
            causes.forbidden(path + ".HostPID", why);
        }
        if (spec.bool("hostIPC", false)) {
            causes.forbidden(path + ".HostIPC", why);
        }
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config>
    private static void dns(JsonObject spec, String path, Causes causes) {
        var config = spec.object("dnsConfig");
        var at = path + ".dnsConfig";
        var servers = config.array("nameservers");
        if (spec.string("dnsPolicy").equals("None") && servers.isEmpty()) {
            if (spec.has("dnsConfig")) {
                causes.required(
                        at + ".nameservers",
                        "must provide at least one DNS nameserver when `dnsPolicy` is None");
            } else {
                causes.required(at, "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            return;
        }
        if (servers.size() > MAX_NAMESERVERS) {
            causes.invalid(
                    at + ".nameservers",
                    servers,
                    "must not have more than %d nameservers".formatted(MAX_NAMESERVERS));
        }
        for (int i = 0; i < servers.size(); i++) {
            Addresses.check(
                    servers.strings().get(i), "%s.nameservers[%d]".formatted(at, i), causes);
        }
        searches(config, at, causes);
        Items.each(
                config,
                at,
                "options",
                (p, option) -> {
                    if (option.string("name").isEmpty()) {
                        causes.required(p, "must not be empty");
                    }
                });
    }

    private static void searches(JsonObject config, String path, Causes causes) {
        var array = config.array("searches");
        var searches = array.strings();
        if (searches.size() > MAX_SEARCHES) {
            causes.invalid(
                    path + ".searches",
                    array,
                    "must not have more than %d search paths".formatted(MAX_SEARCHES));
        }
        if (String.join(" ", searches).length() > MAX_SEARCH_CHARACTERS) {
            causes.invalid(
                    path + ".searches",
                    array,
                    "must not have more than %d characters (including spaces) in the search list"
                            .formatted(MAX_SEARCH_CHARACTERS));
        }
        for (int i = 0; i < searches.size(); i++) {
            var search = searches.get(i);
            var bare = search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
            if (!search.equals(".") && !SEARCH.matcher(bare).matches()) {
                causes.invalid(
                        "%s.searches[%d]".formatted(path, i),
                        bare,
                        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '%s')"
                                .formatted(SEARCH.pattern()));
            }
        }
    }

    private static void gates(JsonObject spec, String path, Causes causes) {
        Items.each(
                spec,
                path,
                "readinessGates",
                (at, gate) ->
                        causes.invalidEach(
                                at + ".conditionType",
                                gate.string("conditionType"),
                                Names.qualified(gate.string("conditionType"))));
        var seen = new HashSet<String>();
        Items.each(
                spec,
                path,
                "schedulingGates",
                (at, gate) -> {
                    var name = gate.string("name");
                    causes.invalidEach(at, name, Names.qualified(name));
                    if (!seen.add(name)) {
                        causes.duplicate(at, name);
                    }
                });
    }

    private static void hostAliases(JsonObject spec, String path, Causes causes) {
        Items.each(
                spec,
                path,
                "hostAliases",
                (at, alias) -> {
                    Addresses.check(alias.string("ip"), at + ".ip", causes);
                    var names = alias.array("hostnames").strings();
                    for (int i = 0; i < names.size(); i++) {
                        causes.invalidEach(
                                "%s.hostnames[%d]".formatted(at, i),
                                names.get(i),
                                Names.subdomain(names.get(i)));
                    }
                });
    }

    private static void os(JsonObject spec, String path, Causes causes) {
        if (!(spec.get("os") instanceof JsonObject os)) {
            return;
        }
        var name = os.string("name");
        if (name.isEmpty()) {
            causes.required(path + ".os.name", "cannot be empty");
        } else if (!name.equals("linux") && !name.equals("windows")) {
            causes.unsupported(path + ".os", name, List.of("linux", "windows"));
        }
    }
}
