// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import static dev.coracle.core.registry.table.Cells.NONE;
import static dev.coracle.core.registry.table.Cells.or;
import static dev.coracle.core.registry.table.Column.AGE;
import static dev.coracle.core.registry.table.Column.NAME;
import static dev.coracle.core.registry.table.Column.number;
import static dev.coracle.core.registry.table.Column.text;

import dev.coracle.core.api.Timestamps;
import dev.coracle.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Columns of pods and of what makes pods.
final class WorkloadColumns {
    private WorkloadColumns() {}

    static Map<String, List<Column>> all() {
        return Map.of(
                "pods", pods(),
                "replicationcontrollers", replicated(WorkloadColumns::labels),
                "replicasets.apps", replicated(WorkloadColumns::selector),
                "deployments.apps", deployments(),
                "statefulsets.apps", statefulSets(),
                "daemonsets.apps", daemonSets(),
                "jobs.batch", jobs(),
                "cronjobs.batch", cronJobs(),
                "podtemplates", podTemplates(),
                "controllerrevisions.apps", controllerRevisions());
    }

    private static List<Column> pods() {
        return List.of(
                NAME,
                text("Ready", "Containers that are ready, of all.", WorkloadColumns::ready),
                text(
                        "Status",
                        "What the pod is up to.",
                        row -> PodStatus.of(row.object()).reason()),
                text("Restarts", "How often containers restarted.", WorkloadColumns::restarts),
                AGE,
                text("IP", "The pod's address.", WorkloadColumns::podIp).wide(),
                text("Node", "Where it runs.", row -> or(row.spec().string("nodeName"), NONE))
                        .wide(),
                text(
                                "Nominated Node",
                                "Where it will run when room is made.",
                                row -> or(row.status().string("nominatedNodeName"), NONE))
                        .wide(),
                text("Readiness Gates", "Gates that are open, of all.", WorkloadColumns::gates)
                        .wide());
    }

    private static String ready(Row row) {
        var summary = PodStatus.of(row.object());
        return summary.ready() + "/" + summary.total();
    }

    private static String restarts(Row row) {
        var summary = PodStatus.of(row.object());
        return summary.restarts() == 0 || summary.lastRestart().isEmpty()
                ? Long.toString(summary.restarts())
                : "%d (%s ago)".formatted(summary.restarts(), row.since(summary.lastRestart()));
    }

    private static String podIp(Row row) {
        var ips = row.status().array("podIPs").objects();
        return or(ips.isEmpty() ? row.status().string("podIP") : ips.getFirst().string("ip"), NONE);
    }

    private static String gates(Row row) {
        var gates = Cells.each(row.spec().array("readinessGates"), "conditionType");
        long open = gates.stream().filter(gate -> Cells.isTrue(row.status(), gate)).count();
        return gates.isEmpty() ? NONE : open + "/" + gates.size();
    }

    private static List<Column> replicated(Function<Row, String> selector) {
        return List.of(
                NAME,
                number("Desired", "Wanted pods.", row -> row.spec().number("replicas", 0)),
                number("Current", "Present pods.", row -> row.status().number("replicas", 0)),
                number("Ready", "Ready pods.", row -> row.status().number("readyReplicas", 0)),
                AGE,
                containers(),
                images(),
                text("Selector", "Labels of its pods.", selector).wide());
    }

    private static List<Column> deployments() {
        return List.of(
                NAME,
                readyOfWanted(),
                number(
                        "Up-to-date",
                        "Pods of the newest template.",
                        row -> row.status().number("updatedReplicas", 0)),
                number(
                        "Available",
                        "Pods that have been ready for long enough.",
                        row -> row.status().number("availableReplicas", 0)),
                AGE,
                containers(),
                images(),
                text("Selector", "Labels of its pods.", WorkloadColumns::selector).wide());
    }

    private static List<Column> statefulSets() {
        return List.of(NAME, readyOfWanted(), AGE, containers(), images());
    }

    private static Column readyOfWanted() {
        return text(
                "Ready",
                "Ready pods, of those wanted.",
                row ->
                        row.status().number("readyReplicas", 0)
                                + "/"
                                + row.spec().number("replicas", 0));
    }

    private static List<Column> daemonSets() {
        return List.of(
                NAME,
                scheduled("Desired", "desiredNumberScheduled"),
                scheduled("Current", "currentNumberScheduled"),
                scheduled("Ready", "numberReady"),
                scheduled("Up-to-date", "updatedNumberScheduled"),
                scheduled("Available", "numberAvailable"),
                text(
                        "Node Selector",
                        "Labels of its nodes.",
                        row -> Cells.labels(podSpec(row).object("nodeSelector"))),
                AGE,
                containers(),
                images(),
                text("Selector", "Labels of its pods.", WorkloadColumns::selector).wide());
    }

    private static Column scheduled(String name, String field) {
        return number(name, "Nodes by `" + field + "`.", row -> row.status().number(field, 0));
    }

    private static List<Column> jobs() {
        return List.of(
                NAME,
                text("Status", "What the job is up to.", WorkloadColumns::jobStatus),
                text(
                        "Completions",
                        "Pods that succeeded, of those wanted.",
                        WorkloadColumns::completions),
                text("Duration", "How long it has taken.", WorkloadColumns::jobDuration),
                AGE,
                containers(),
                images(),
                text("Selector", "Labels of its pods.", WorkloadColumns::selector).wide());
    }

    private static String jobStatus(Row row) {
        for (var condition : List.of("Complete", "Failed")) {
            if (Cells.isTrue(row.status(), condition)) {
                return condition;
            }
        }
        if (row.isDeleting()) {
            return "Terminating";
        }
        for (var condition : List.of("Suspended", "FailureTarget", "SuccessCriteriaMet")) {
            if (Cells.isTrue(row.status(), condition)) {
                return condition;
            }
        }
        return "Running";
    }

    private static String completions(Row row) {
        long succeeded = row.status().number("succeeded", 0);
        if (row.spec().has("completions")) {
            return succeeded + "/" + row.spec().number("completions", 0);
        }
        long parallelism = row.spec().number("parallelism", 0);
        return parallelism > 1 ? "%d/1 of %d".formatted(succeeded, parallelism) : succeeded + "/1";
    }

    private static String jobDuration(Row row) {
        var start = Timestamps.parse(row.status().string("startTime"));
        if (start == null) {
            return "";
        }
        var end = Timestamps.parse(row.status().string("completionTime"));
        return Ages.text(Duration.between(start, end == null ? row.now() : end));
    }

    private static List<Column> cronJobs() {
        return List.of(
                NAME,
                text("Schedule", "When it runs.", row -> row.spec().string("schedule")),
                text(
                        "Timezone",
                        "Of the schedule.",
                        row -> or(row.spec().string("timeZone"), NONE)),
                text("Suspend", "Whether it rests.", row -> Cells.flag(row.spec(), "suspend")),
                number("Active", "Jobs under way.", row -> row.status().array("active").size()),
                text("Last Schedule", "When it last ran.", WorkloadColumns::lastSchedule),
                AGE,
                containers(),
                images(),
                text(
                                "Selector",
                                "Labels of its pods.",
                                row ->
                                        Cells.selector(
                                                row.spec()
                                                        .object("jobTemplate")
                                                        .object("spec")
                                                        .object("selector")))
                        .wide());
    }

    private static String lastSchedule(Row row) {
        var last = row.status().string("lastScheduleTime");
        return last.isEmpty() ? NONE : row.since(last);
    }

    private static List<Column> podTemplates() {
        return List.of(
                NAME,
                text("Containers", "Names of the containers.", WorkloadColumns::containerNames),
                text("Images", "Images of the containers.", WorkloadColumns::containerImages),
                text(
                        "Pod Labels",
                        "Labels of its pods.",
                        row ->
                                Cells.labels(
                                        row.object()
                                                .object("template")
                                                .object("metadata")
                                                .object("labels"))));
    }

    private static List<Column> controllerRevisions() {
        return List.of(
                NAME,
                text("Controller", "Whose revision it is.", WorkloadColumns::controller),
                number("Revision", "Its number.", row -> row.object().number("revision", 0)),
                AGE);
    }

    private static String controller(Row row) {
        return row.metadata().array("ownerReferences").objects().stream()
                .filter(owner -> owner.bool("controller", false))
                .map(WorkloadColumns::ownerText)
                .findFirst()
                .orElse(NONE);
    }

    private static String ownerText(JsonObject owner) {
        var apiVersion = owner.string("apiVersion");
        int slash = apiVersion.indexOf('/');
        var group = slash < 0 ? "" : "." + apiVersion.substring(0, slash);
        return owner.string("kind").toLowerCase(java.util.Locale.ROOT)
                + group
                + "/"
                + owner.string("name");
    }

    private static Column containers() {
        return text("Containers", "Names of the containers.", WorkloadColumns::containerNames)
                .wide();
    }

    private static Column images() {
        return text("Images", "Images of the containers.", WorkloadColumns::containerImages).wide();
    }

    private static String containerNames(Row row) {
        return String.join(",", Cells.each(podSpec(row).array("containers"), "name"));
    }

    private static String containerImages(Row row) {
        return String.join(",", Cells.each(podSpec(row).array("containers"), "image"));
    }

    private static JsonObject podSpec(Row row) {
        if (row.object().has("template")) {
            return row.object().object("template").object("spec");
        }
        var spec =
                row.spec().has("jobTemplate")
                        ? row.spec().object("jobTemplate").object("spec")
                        : row.spec();
        return spec.object("template").object("spec");
    }

    private static String selector(Row row) {
        return Cells.selector(row.spec().object("selector"));
    }

    private static String labels(Row row) {
        return Cells.labels(row.spec().object("selector"));
    }
}
