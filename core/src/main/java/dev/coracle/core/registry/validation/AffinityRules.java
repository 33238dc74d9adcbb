// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;

/// Affinity to nodes and pods, and spreading over topologies.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>
final class AffinityRules {
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
    private static final int MAX_WEIGHT = 100;
    private static final List<String> UNSATISFIABLE = List.of("DoNotSchedule", "ScheduleAnyway");

    private AffinityRules() {}

    static void check(JsonObject spec, String path, Causes causes) {
        var affinity = spec.object("affinity");
        var at = path + ".affinity";
        node(affinity.object("nodeAffinity"), at + ".nodeAffinity", causes);
        for (var kind : List.of("podAffinity", "podAntiAffinity")) {
            var terms = affinity.object(kind);
            var where = at + "." + kind;
            Items.each(terms, where, REQUIRED, (p, term) -> podTerm(term, p, causes));
            Items.each(
                    terms,
                    where,
                    PREFERRED,
                    (p, weighted) -> {
                        weight(weighted, p, causes);
                        podTerm(weighted.object("podAffinityTerm"), p + ".podAffinityTerm", causes);
                    });
        }
    }

    private static void node(JsonObject affinity, String path, Causes causes) {
        if (affinity.get(REQUIRED) instanceof JsonObject selector) {
            var at = path + "." + REQUIRED;
            if (selector.array("nodeSelectorTerms").isEmpty()) {
                causes.required(
                        at + ".nodeSelectorTerms", "must have at least one node selector term");
            }
            Items.each(
                    selector,
                    at,
                    "nodeSelectorTerms",
                    (p, term) -> nodeTerm(term, p, true, causes));
        }
        Items.each(
                affinity,
                path,
                PREFERRED,
                (at, weighted) -> {
                    weight(weighted, at, causes);
                    nodeTerm(weighted.object("preference"), at + ".preference", false, causes);
                });
    }

    private static void weight(JsonObject weighted, String path, Causes causes) {
        long weight = weighted.number("weight", 0);
        if (weight <= 0 || weight > MAX_WEIGHT) {
            causes.invalid(path + ".weight", weight, "must be in the range 1-100");
        }
    }

    private static void nodeTerm(
            JsonObject term, String path, boolean checksValues, Causes causes) {
        Items.each(
                term,
                path,
                "matchExpressions",
                (at, requirement) -> expression(requirement, at, checksValues, causes));
        Items.each(term, path, "matchFields", (at, field) -> field(field, at, causes));
    }

    private static void expression(
            JsonObject requirement, String path, boolean checksValues, Causes causes) {
        var values = requirement.array("values").strings();
        var operator = requirement.string("operator");
        if (!operator.equals("Gt") && !operator.equals("Lt")) {
            LabelSelectors.operator(requirement, path, causes);
        } else if (values.size() != 1) {
            causes.required(
                    path + ".values",
                    "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        var key = requirement.string("key");
        causes.invalidEach(path + ".key", key, Names.qualified(key));
        for (int i = 0; checksValues && i < values.size(); i++) {
            causes.invalidEach(
                    "%s.values[%d]".formatted(path, i),
                    values.get(i),
                    Names.labelValue(values.get(i)));
        }
    }

    private static void field(JsonObject field, String path, Causes causes) {
        var operator = field.string("operator");
        var values = field.array("values").strings();
        if (!operator.equals("In") && !operator.equals("NotIn")) {
            causes.invalid(path + ".operator", operator, "not a valid selector operator");
        } else if (values.size() != 1) {
            causes.required(
                    path + ".values",
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        }
        var key = field.string("key");
        if (!key.equals("metadata.name")) {
            causes.invalid(path + ".key", key, "not a valid field selector key");
            return;
        }
        for (int i = 0; i < values.size(); i++) {
            causes.invalidEach(
                    "%s.values[%d]".formatted(path, i),
                    values.get(i),
                    Names.subdomain(values.get(i)));
        }
    }

    private static void podTerm(JsonObject term, String path, Causes causes) {
        LabelSelectors.check(term.object("labelSelector"), path + ".labelSelector", causes);
        LabelSelectors.check(term.object("namespaceSelector"), path + ".namespaceSelector", causes);
        for (var namespace : term.array("namespaces").strings()) {
            causes.invalidEach(path + ".namespace", namespace, Names.label(namespace));
        }
        var key = term.string("topologyKey");
        if (key.isEmpty()) {
            causes.required(path + ".topologyKey", "can not be empty");
        }
        causes.invalidEach(path + ".topologyKey", key, Names.qualified(key));
    }

    static void spread(JsonObject spec, String path, Causes causes) {
        var seen = new HashSet<String>();
        Items.each(
                spec,
                path,
                "topologySpreadConstraints",
                (at, constraint) -> {
                    constraint(constraint, at, causes);
                    var pair =
                            "{%s, %s}"
                                    .formatted(
                                            constraint.string("topologyKey"),
                                            constraint.string("whenUnsatisfiable"));
                    if (!seen.add(pair)) {
                        causes.duplicate(at + ".{topologyKey, whenUnsatisfiable}", pair);
                    }
                    LabelSelectors.check(
                            constraint.object("labelSelector"), at + ".labelSelector", causes);
                });
    }

    private static void constraint(JsonObject constraint, String path, Causes causes) {
        var positive = "must be greater than zero";
        if (constraint.number("maxSkew", 0) <= 0) {
            causes.invalid(path + ".maxSkew", constraint.number("maxSkew", 0), positive);
        }
        var key = constraint.string("topologyKey");
        if (key.isEmpty()) {
            causes.required(path + ".topologyKey", "can not be empty");
        } else {
            causes.invalidEach(path + ".topologyKey", key, Names.qualified(key));
        }
        var action = constraint.string("whenUnsatisfiable");
        if (!UNSATISFIABLE.contains(action)) {
            causes.unsupported(path + ".whenUnsatisfiable", action, UNSATISFIABLE);
        }
        if (Numbers.has(constraint, "minDomains")) {
            long domains = constraint.number("minDomains", 0);
            if (domains <= 0) {
                causes.invalid(path + ".minDomains", domains, positive);
            }
            if (!action.equals("DoNotSchedule")) {
                causes.invalid(
                        path + ".minDomains",
                        domains,
                        "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not "
                                + action);
            }
        }
        for (var policy : List.of("nodeAffinityPolicy", "nodeTaintsPolicy")) {
            var value = constraint.stringOrNull(policy);
            if (value != null && !value.equals("Honor") && !value.equals("Ignore")) {
                causes.unsupported(path + "." + policy, value, List.of("Honor", "Ignore"));
            }
        }
    }
}
