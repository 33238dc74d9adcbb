// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.ip.IpAddress;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.validation.Validation;
import dev.coracle.core.view.ServiceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The families of a service's addresses, on a cluster that has but IPv4.
///
/// <https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services>
final class ServiceFamilies {
    private static final String POLICY = "ipFamilyPolicy";
    private static final String SINGLE = "SingleStack";
    private static final String PREFER_DUAL = "PreferDualStack";
    private static final String REQUIRE_DUAL = "RequireDualStack";
    private static final String V4 = "IPv4";
    private static final String V6 = "IPv6";

    private ServiceFamilies() {}

    /// `service` with its families said; `old` is what it replaces, null when it is new.
    ///
    /// @throws ApiException 422 if it wants what this cluster does not have
    static JsonObject settled(@Nullable JsonObject old, JsonObject service) {
        var spec = service.object("spec");
        if (ServiceType.isExternalName(spec) || (old != null && keepsPreference(old, spec))) {
            return service;
        }
        refuse(service, Validation.serviceAddresses(service));
        var before = old == null ? JsonObject.EMPTY : old.object("spec");
        var trimmed = old == null ? spec : trimmed(before, spec);
        refuse(service, contradictions(before, trimmed));
        var settled = service.with("spec", inferred(trimmed));
        refuse(service, missing(settled.object("spec")));
        return settled;
    }

    private static void refuse(JsonObject service, List<Status.Cause> causes) {
        if (!causes.isEmpty()) {
            throw ServiceRefusal.invalid(service, causes);
        }
    }

    /// A service that prefers both families is neither given nor robbed of one just because it was
    /// written again.
    private static boolean keepsPreference(JsonObject old, JsonObject spec) {
        var before = old.object("spec");
        return before.string("type").equals(spec.string("type"))
                && before.string(POLICY).equals(PREFER_DUAL)
                && spec.string(POLICY).equals(PREFER_DUAL)
                && before.array("clusterIPs").equals(spec.array("clusterIPs"))
                && before.array("ipFamilies").equals(spec.array("ipFamilies"));
    }

    /// To say SingleStack is to let the second of both go.
    private static JsonObject trimmed(JsonObject before, JsonObject spec) {
        if (!spec.string(POLICY).equals(SINGLE)) {
            return spec;
        }
        var result = spec;
        for (var list : List.of("clusterIPs", "ipFamilies")) {
            var values = spec.array(list);
            if (values.size() > 1 && values.equals(before.array(list))) {
                result = result.with(list, JsonArray.of(values.get(0)));
            }
        }
        return result;
    }

    private static List<Status.Cause> contradictions(JsonObject before, JsonObject spec) {
        var causes = new ArrayList<Status.Cause>();
        boolean single = spec.string(POLICY).equals(SINGLE);
        boolean[] fewer = {
            isShorter(before, spec, "clusterIPs"), isShorter(before, spec, "ipFamilies")
        };
        if (!single && fewer[0]) {
            causes.add(policy(spec, "must be 'SingleStack' to release the secondary cluster IP"));
        }
        if (!single && fewer[1]) {
            causes.add(policy(spec, "must be 'SingleStack' to release the secondary IP family"));
        }
        var dual = "must be 'RequireDualStack' or 'PreferDualStack' when multiple %s are specified";
        if (single && spec.array("clusterIPs").size() == 2) {
            causes.add(policy(spec, dual.formatted("cluster IPs")));
        }
        if (single && spec.array("ipFamilies").size() == 2) {
            causes.add(policy(spec, dual.formatted("IP families")));
        }
        int families = spec.array("ipFamilies").size();
        var addresses = spec.array("clusterIPs").strings();
        for (int i = families; i < addresses.size(); i++) {
            if (IpAddress.isV6(addresses.get(i))) {
                causes.add(
                        ServiceRefusal.cause(
                                "spec.clusterIPs[%d]".formatted(i),
                                spec.array("clusterIPs"),
                                "IPv6 is not configured on this cluster"));
            }
        }
        return causes;
    }

    private static boolean isShorter(JsonObject before, JsonObject spec, String list) {
        int size = spec.array(list).size();
        return size > 0 && size < before.array(list).size();
    }

    private static Status.Cause policy(JsonObject spec, String detail) {
        return ServiceRefusal.cause("spec." + POLICY, spec.get(POLICY), detail);
    }

    private static JsonObject inferred(JsonObject spec) {
        var families = new ArrayList<>(spec.array("ipFamilies").strings());
        if (families.isEmpty()) {
            families.add(V4);
        }
        if (isFree(spec) && families.size() < 2 && !spec.string(POLICY).equals(SINGLE)) {
            families.add(families.getFirst().equals(V4) ? V6 : V4);
        }
        return spec.with("ipFamilies", JsonArray.ofStrings(families));
    }

    /// Without addresses and pods of its own a service may name any family.
    private static boolean isFree(JsonObject spec) {
        return ServiceType.isHeadless(spec) && spec.object("selector").isEmpty();
    }

    private static List<Status.Cause> missing(JsonObject spec) {
        var causes = new ArrayList<Status.Cause>();
        if (isFree(spec)) {
            return causes;
        }
        if (spec.string(POLICY).equals(REQUIRE_DUAL)) {
            causes.add(policy(spec, "this cluster is not configured for dual-stack services"));
        }
        var families = spec.array("ipFamilies").strings();
        for (int i = 0; i < families.size(); i++) {
            if (!families.get(i).equals(V4)) {
                causes.add(
                        ServiceRefusal.cause(
                                "spec.ipFamilies[%d]".formatted(i),
                                Json.of(families.get(i)),
                                "not configured on this cluster"));
            }
        }
        return causes;
    }
}
