// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import static dev.coracle.core.registry.table.Cells.NONE;
import static dev.coracle.core.registry.table.Cells.or;
import static dev.coracle.core.registry.table.Column.AGE;
import static dev.coracle.core.registry.table.Column.CREATED_AT;
import static dev.coracle.core.registry.table.Column.NAME;
import static dev.coracle.core.registry.table.Column.number;
import static dev.coracle.core.registry.table.Column.text;

import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// Columns of nodes, namespaces, events, and of what rules the cluster.
final class ClusterColumns {
    private static final String ROLE = "node-role.kubernetes.io/";

    private ClusterColumns() {}

    static Map<String, List<Column>> all() {
        return Map.ofEntries(
                Map.entry("nodes", nodes()),
                Map.entry("namespaces", namespaces()),
                Map.entry("events", coreEvents()),
                Map.entry("events.events.k8s.io", newEvents()),
                Map.entry("configmaps", configMaps()),
                Map.entry("secrets", secrets()),
                Map.entry("serviceaccounts", serviceAccounts()),
                Map.entry("leases.coordination.k8s.io", leases()),
                Map.entry("priorityclasses.scheduling.k8s.io", priorityClasses()),
                Map.entry("runtimeclasses.node.k8s.io", runtimeClasses()),
                Map.entry("roles.rbac.authorization.k8s.io", List.of(NAME, CREATED_AT)),
                Map.entry("clusterroles.rbac.authorization.k8s.io", List.of(NAME, CREATED_AT)),
                Map.entry("rolebindings.rbac.authorization.k8s.io", bindings()),
                Map.entry("clusterrolebindings.rbac.authorization.k8s.io", bindings()),
                Map.entry("poddisruptionbudgets.policy", budgets()),
                Map.entry("horizontalpodautoscalers.autoscaling", autoscalers()));
    }

    private static List<Column> nodes() {
        return List.of(
                NAME,
                text("Status", "Whether it takes pods.", ClusterColumns::nodeStatus),
                text("Roles", "What it is for.", ClusterColumns::roles),
                AGE,
                text("Version", "Its kubelet's version.", row -> info(row, "kubeletVersion")),
                text("Internal-IP", "Its address.", row -> address(row, "InternalIP")).wide(),
                text("External-IP", "Its address outside.", row -> address(row, "ExternalIP"))
                        .wide(),
                text("OS-Image", "Its system.", row -> or(info(row, "osImage"), "<unknown>"))
                        .wide(),
                text(
                                "Kernel-Version",
                                "Its kernel.",
                                row -> or(info(row, "kernelVersion"), "<unknown>"))
                        .wide(),
                text(
                                "Container-Runtime",
                                "What runs its containers.",
                                row -> or(info(row, "containerRuntimeVersion"), "<unknown>"))
                        .wide());
    }

    private static String nodeStatus(Row row) {
        var ready =
                row.status().array("conditions").objects().stream()
                        .filter(condition -> condition.string("type").equals("Ready"))
                        .findFirst();
        var words = new ArrayList<String>();
        words.add(
                ready.map(c -> c.string("status").equals("True") ? "Ready" : "NotReady")
                        .orElse("Unknown"));
        if (row.spec().bool("unschedulable", false)) {
            words.add("SchedulingDisabled");
        }
        return String.join(",", words);
    }

    private static String roles(Row row) {
        var roles = new TreeSet<String>();
        row.metadata()
                .object("labels")
                .strings()
                .forEach(
                        (name, value) -> {
                            if (name.startsWith(ROLE) && name.length() > ROLE.length()) {
                                roles.add(name.substring(ROLE.length()));
                            } else if (name.equals("kubernetes.io/role") && !value.isEmpty()) {
                                roles.add(value);
                            }
                        });
        return Cells.joined(List.copyOf(roles));
    }

    private static String info(Row row, String field) {
        return row.status().object("nodeInfo").string(field);
    }

    private static String address(Row row, String type) {
        return row.status().array("addresses").objects().stream()
                .filter(address -> address.string("type").equals(type))
                .map(address -> address.string("address"))
                .findFirst()
                .orElse(NONE);
    }

    private static List<Column> namespaces() {
        return List.of(
                NAME,
                text("Status", "Active or Terminating.", row -> row.status().string("phase")),
                AGE);
    }

    private static List<Column> coreEvents() {
        return events(
                new EventFields(
                        "involvedObject",
                        "message",
                        "source",
                        "reportingComponent",
                        "firstTimestamp",
                        "lastTimestamp",
                        "count"));
    }

    private static List<Column> newEvents() {
        return events(
                new EventFields(
                        "regarding",
                        "note",
                        "deprecatedSource",
                        "reportingController",
                        "deprecatedFirstTimestamp",
                        "deprecatedLastTimestamp",
                        "deprecatedCount"));
    }

    /// The names of fields that differ between the two versions of events.
    private record EventFields(
            String object,
            String message,
            String source,
            String controller,
            String first,
            String last,
            String count) {

        String firstSeen(Row row) {
            var text = row.object().string(first);
            return row.since(text.isEmpty() ? row.object().string("eventTime") : text);
        }

        String lastSeen(Row row) {
            if (row.object().has("series")) {
                return row.since(row.object().object("series").string("lastObservedTime"));
            }
            var text = row.object().string(last);
            return text.isEmpty() ? firstSeen(row) : row.since(text);
        }

        long count(Row row) {
            return row.object().has("series")
                    ? row.object().object("series").number("count", 0)
                    : Math.max(1, row.object().number(count, 1));
        }

        String target(Row row) {
            var about = row.object().object(object);
            var kind = about.string("kind").toLowerCase(Locale.ROOT);
            var name = about.string("name");
            return name.isEmpty() ? kind : kind + "/" + name;
        }

        String source(Row row) {
            var from = row.object().object(source);
            var component = from.string("component");
            var instance = from.string("host");
            if (component.isEmpty() && instance.isEmpty()) {
                component = row.object().string(controller);
                instance = row.object().string("reportingInstance");
            }
            return instance.isEmpty() ? component : component + ", " + instance;
        }
    }

    private static List<Column> events(EventFields fields) {
        return List.of(
                text("Last Seen", "When it last happened.", fields::lastSeen),
                text("Type", "Normal or Warning.", row -> row.object().string("type")),
                text("Reason", "What happened, in a word.", row -> row.object().string("reason")),
                text("Object", "What it happened to.", fields::target),
                text(
                                "Subobject",
                                "Which part of that.",
                                row -> row.object().object(fields.object()).string("fieldPath"))
                        .wide(),
                text("Source", "Who tells.", fields::source).wide(),
                text(
                        "Message",
                        "What happened.",
                        row -> row.object().string(fields.message()).strip()),
                text("First Seen", "When it first happened.", fields::firstSeen).wide(),
                number("Count", "How often it happened.", fields::count).wide(),
                new Column("Name", NAME.type(), NAME.format(), 1, NAME.description(), NAME.cell()));
    }

    private static List<Column> configMaps() {
        return List.of(
                NAME,
                number(
                        "Data",
                        "How many entries it has.",
                        row -> size(row, "data") + size(row, "binaryData")),
                AGE);
    }

    private static List<Column> secrets() {
        return List.of(
                NAME,
                text("Type", "What it is for.", row -> row.object().string("type")),
                number("Data", "How many entries it has.", row -> size(row, "data")),
                AGE);
    }

    private static long size(Row row, String field) {
        return row.object().object(field).size();
    }

    private static List<Column> serviceAccounts() {
        return List.of(
                NAME,
                number(
                        "Secrets",
                        "How many secrets it may use.",
                        row -> row.object().array("secrets").size()),
                AGE);
    }

    private static List<Column> leases() {
        return List.of(
                NAME,
                text("Holder", "Who has it.", row -> row.spec().string("holderIdentity")),
                AGE);
    }

    private static List<Column> priorityClasses() {
        return List.of(
                NAME,
                number("Value", "The priority.", row -> row.object().number("value", 0)),
                text(
                        "Global-Default",
                        "Whether pods without a class have it.",
                        row -> Boolean.toString(row.object().bool("globalDefault", false))),
                AGE,
                text(
                        "PreemptionPolicy",
                        "Whether its pods displace others.",
                        row -> row.object().string("preemptionPolicy")));
    }

    private static List<Column> runtimeClasses() {
        return List.of(
                NAME,
                text(
                        "Handler",
                        "The runtime's name for it.",
                        row -> row.object().string("handler")),
                AGE);
    }

    private static List<Column> bindings() {
        return List.of(
                NAME,
                text("Role", "What is granted.", ClusterColumns::role),
                AGE,
                text("Users", "Users it is granted to.", row -> subjects(row, "User")).wide(),
                text("Groups", "Groups it is granted to.", row -> subjects(row, "Group")).wide(),
                text(
                                "ServiceAccounts",
                                "Service accounts it is granted to.",
                                row -> subjects(row, "ServiceAccount"))
                        .wide());
    }

    private static String role(Row row) {
        JsonObject role = row.object().object("roleRef");
        return role.string("kind") + "/" + role.string("name");
    }

    private static String subjects(Row row, String kind) {
        return String.join(
                ", ",
                row.object().array("subjects").objects().stream()
                        .filter(subject -> subject.string("kind").equals(kind))
                        .map(
                                subject ->
                                        subject.string("namespace").isEmpty()
                                                ? subject.string("name")
                                                : subject.string("namespace")
                                                        + "/"
                                                        + subject.string("name"))
                        .toList());
    }

    private static List<Column> budgets() {
        return List.of(
                NAME,
                text(
                        "Min Available",
                        "Pods that must stay.",
                        row -> intOrText(row, "minAvailable")),
                text(
                        "Max Unavailable",
                        "Pods that may be away.",
                        row -> intOrText(row, "maxUnavailable")),
                number(
                        "Allowed Disruptions",
                        "Pods that may be evicted now.",
                        row -> row.status().number("disruptionsAllowed", 0)),
                AGE);
    }

    private static String intOrText(Row row, String field) {
        var value = row.spec().get(field);
        if (value == null) {
            return "N/A";
        }
        var text = row.spec().string(field);
        return text.isEmpty() ? value.text() : text;
    }

    private static List<Column> autoscalers() {
        return List.of(
                NAME,
                text(
                        "Reference",
                        "What it scales.",
                        row ->
                                row.spec().object("scaleTargetRef").string("kind")
                                        + "/"
                                        + row.spec().object("scaleTargetRef").string("name")),
                number("MinPods", "At least.", row -> row.spec().number("minReplicas", 1)),
                number("MaxPods", "At most.", row -> row.spec().number("maxReplicas", 0)),
                number(
                        "Replicas",
                        "Present pods.",
                        row -> row.status().number("currentReplicas", 0)),
                AGE);
    }
}
