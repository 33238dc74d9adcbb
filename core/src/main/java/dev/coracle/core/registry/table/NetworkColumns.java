// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import static dev.coracle.core.registry.table.Cells.NONE;
import static dev.coracle.core.registry.table.Cells.UNSET;
import static dev.coracle.core.registry.table.Cells.or;
import static dev.coracle.core.registry.table.Column.AGE;
import static dev.coracle.core.registry.table.Column.NAME;
import static dev.coracle.core.registry.table.Column.text;

import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Columns of services and volumes: what pods reach and what they keep.
final class NetworkColumns {
    private NetworkColumns() {}

    static Map<String, List<Column>> all() {
        return Map.of(
                "services", services(),
                "endpoints", endpoints(),
                "endpointslices.discovery.k8s.io", slices(),
                "networkpolicies.networking.k8s.io", policies(),
                "ingresses.networking.k8s.io", ingresses(),
                "ingressclasses.networking.k8s.io", ingressClasses(),
                "persistentvolumes", volumes(),
                "persistentvolumeclaims", claims(),
                "storageclasses.storage.k8s.io", storageClasses());
    }

    private static List<Column> services() {
        return List.of(
                NAME,
                text("Type", "How it is reached.", row -> row.spec().string("type")),
                text("Cluster-IP", "Its address.", NetworkColumns::clusterIp),
                text("External-IP", "Its addresses outside.", NetworkColumns::externalIp),
                text("Port(s)", "Its ports.", NetworkColumns::ports),
                AGE,
                text(
                                "Selector",
                                "Labels of its pods.",
                                row -> Cells.labels(row.spec().object("selector")))
                        .wide());
    }

    private static String clusterIp(Row row) {
        var ips = row.spec().array("clusterIPs").strings();
        return or(ips.isEmpty() ? row.spec().string("clusterIP") : ips.getFirst(), NONE);
    }

    private static String externalIp(Row row) {
        var external = row.spec().array("externalIPs").strings();
        return switch (row.spec().string("type")) {
            case "ExternalName" -> row.spec().string("externalName");
            case "LoadBalancer" -> {
                var all = new ArrayList<>(balancer(row));
                all.addAll(external);
                yield all.isEmpty() ? "<pending>" : String.join(",", all);
            }
            default -> Cells.joined(external);
        };
    }

    private static List<String> balancer(Row row) {
        return row.status().object("loadBalancer").array("ingress").objects().stream()
                .map(ingress -> or(ingress.string("ip"), ingress.string("hostname")))
                .toList();
    }

    private static String ports(Row row) {
        return Cells.joined(
                row.spec().array("ports").objects().stream().map(NetworkColumns::port).toList());
    }

    private static String port(JsonObject port) {
        long node = port.number("nodePort", 0);
        return port.number("port", 0)
                + (node > 0 ? ":" + node : "")
                + "/"
                + port.string("protocol");
    }

    private static List<Column> endpoints() {
        return List.of(
                NAME, text("Endpoints", "Addresses with ports.", NetworkColumns::pairs), AGE);
    }

    private static String pairs(Row row) {
        var pairs = new ArrayList<String>();
        for (var subset : row.object().array("subsets").objects()) {
            var ports = subset.array("ports").objects();
            for (var address : subset.array("addresses").objects()) {
                if (ports.isEmpty()) {
                    pairs.add(address.string("ip"));
                }
                for (var port : ports) {
                    pairs.add(address.string("ip") + ":" + port.number("port", 0));
                }
            }
        }
        return Cells.few(pairs, NONE);
    }

    private static List<Column> slices() {
        return List.of(
                NAME,
                text(
                        "AddressType",
                        "IPv4, IPv6 or FQDN.",
                        row -> row.object().string("addressType")),
                text(
                        "Ports",
                        "Ports of every address.",
                        row ->
                                Cells.few(
                                        row.object().array("ports").objects().stream()
                                                .map(
                                                        port ->
                                                                port.has("port")
                                                                        ? Long.toString(
                                                                                port.number(
                                                                                        "port", 0))
                                                                        : "*")
                                                .toList(),
                                        UNSET)),
                text(
                        "Endpoints",
                        "Addresses.",
                        row ->
                                Cells.few(
                                        row.object().array("endpoints").objects().stream()
                                                .flatMap(
                                                        e ->
                                                                e
                                                                        .array("addresses")
                                                                        .strings()
                                                                        .stream())
                                                .toList(),
                                        UNSET)),
                AGE);
    }

    private static List<Column> policies() {
        return List.of(
                NAME,
                text(
                        "Pod-Selector",
                        "Labels of its pods.",
                        row -> Cells.selector(row.spec().object("podSelector"))),
                AGE);
    }

    private static List<Column> ingresses() {
        return List.of(
                NAME,
                text(
                        "Class",
                        "Who serves it.",
                        row -> or(row.spec().string("ingressClassName"), NONE)),
                text(
                        "Hosts",
                        "Names it answers to.",
                        row -> {
                            var hosts =
                                    Cells.each(row.spec().array("rules"), "host").stream()
                                            .filter(host -> !host.isEmpty())
                                            .toList();
                            return hosts.isEmpty() ? "*" : Cells.few(hosts, "*");
                        }),
                text("Address", "Where it is reached.", row -> String.join(",", balancer(row))),
                text(
                        "Ports",
                        "Its ports.",
                        row -> row.spec().array("tls").isEmpty() ? "80" : "80, 443"),
                AGE);
    }

    private static List<Column> ingressClasses() {
        return List.of(
                NAME,
                text("Controller", "Who serves it.", row -> row.spec().string("controller")),
                text("Parameters", "What configures it.", NetworkColumns::parameters),
                AGE);
    }

    private static String parameters(Row row) {
        var parameters = row.spec().object("parameters");
        if (parameters.isEmpty()) {
            return NONE;
        }
        var group = parameters.string("apiGroup");
        return parameters.string("kind")
                + (group.isEmpty() ? "" : "." + group)
                + "/"
                + parameters.string("name");
    }

    private static List<Column> volumes() {
        return List.of(
                NAME,
                text(
                        "Capacity",
                        "How large it is.",
                        row -> row.spec().object("capacity").string("storage")),
                text(
                        "Access Modes",
                        "How it may be used.",
                        row -> Cells.accessModes(row.spec().array("accessModes"))),
                text(
                        "Reclaim Policy",
                        "What becomes of it afterwards.",
                        row -> row.spec().string("persistentVolumeReclaimPolicy")),
                text("Status", "Whether it is taken.", NetworkColumns::phase),
                text("Claim", "Who has it.", NetworkColumns::claim),
                text("StorageClass", "Its class.", row -> row.spec().string("storageClassName")),
                attributesClass(),
                text("Reason", "Why it failed.", row -> row.status().string("reason")),
                AGE,
                mode());
    }

    private static String claim(Row row) {
        var claim = row.spec().object("claimRef");
        return claim.isEmpty() ? "" : claim.string("namespace") + "/" + claim.string("name");
    }

    private static List<Column> claims() {
        return List.of(
                NAME,
                text("Status", "Whether it has a volume.", NetworkColumns::phase),
                text("Volume", "Its volume.", row -> row.spec().string("volumeName")),
                text(
                        "Capacity",
                        "How large that is.",
                        row ->
                                row.spec().string("volumeName").isEmpty()
                                        ? ""
                                        : row.status().object("capacity").string("storage")),
                text(
                        "Access Modes",
                        "How it may be used.",
                        row ->
                                row.spec().string("volumeName").isEmpty()
                                        ? ""
                                        : Cells.accessModes(row.status().array("accessModes"))),
                text("StorageClass", "Its class.", row -> row.spec().string("storageClassName")),
                attributesClass(),
                AGE,
                mode());
    }

    private static String phase(Row row) {
        return row.isDeleting() ? "Terminating" : row.status().string("phase");
    }

    private static Column attributesClass() {
        return text(
                "VolumeAttributesClass",
                "Its class of attributes.",
                row -> or(row.spec().string("volumeAttributesClassName"), UNSET));
    }

    private static Column mode() {
        return text(
                        "VolumeMode",
                        "Filesystem or Block.",
                        row -> or(row.spec().string("volumeMode"), UNSET))
                .wide();
    }

    private static List<Column> storageClasses() {
        return List.of(
                NAME.named(
                        row ->
                                row.name()
                                        + (row.metadata()
                                                        .object("annotations")
                                                        .string(
                                                                "storageclass.kubernetes.io/is-default-class")
                                                        .equals("true")
                                                ? " (default)"
                                                : "")),
                text(
                        "Provisioner",
                        "Who makes its volumes.",
                        row -> row.object().string("provisioner")),
                text(
                        "ReclaimPolicy",
                        "What becomes of them.",
                        row -> or(row.object().string("reclaimPolicy"), "Delete")),
                text(
                        "VolumeBindingMode",
                        "When they are made.",
                        row -> or(row.object().string("volumeBindingMode"), "Immediate")),
                text(
                        "AllowVolumeExpansion",
                        "Whether they grow.",
                        row -> Boolean.toString(row.object().bool("allowVolumeExpansion", false))),
                AGE);
    }
}
