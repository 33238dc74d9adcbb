// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.ServiceType;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The addresses of a service and the families they are of.
///
/// <https://kubernetes.io/docs/concepts/services-networking/dual-stack/>
final class ServiceAddresses {
    private static final List<String> FAMILIES = List.of("IPv4", "IPv6");
    private static final List<String> POLICIES =
            List.of("PreferDualStack", "RequireDualStack", "SingleStack");
    private static final String ONCE = "may not change once set";
    private static final String ADDRESSES = "spec.clusterIPs";
    private static final int MOST = 2;

    private ServiceAddresses() {}

    static void check(JsonObject spec, Causes causes) {
        if (ServiceType.isExternalName(spec)) {
            return;
        }
        agreement(spec, causes);
        families(spec, causes);
        if (addresses(spec, causes)) {
            pairs(spec, causes);
        }
    }

    private static void agreement(JsonObject spec, Causes causes) {
        var addresses = spec.array("clusterIPs");
        var first = spec.string("clusterIP");
        if (first.isEmpty() && !addresses.isEmpty()) {
            causes.invalid(ADDRESSES, addresses, "must be empty when `clusterIP` is not specified");
        } else if (!first.isEmpty() && addresses.isEmpty()) {
            causes.required(ADDRESSES);
        } else if (!addresses.isEmpty() && !addresses.get(0).equals(Json.of(first))) {
            causes.invalid(ADDRESSES, addresses, "first value must match `clusterIP`");
        }
    }

    private static void families(JsonObject spec, Causes causes) {
        var seen = new HashSet<String>();
        var families = spec.array("ipFamilies").strings();
        for (int i = 0; i < families.size(); i++) {
            var at = "spec.ipFamilies[%d]".formatted(i);
            if (!FAMILIES.contains(families.get(i))) {
                causes.unsupported(at, families.get(i), FAMILIES);
            }
            if (!seen.add(families.get(i))) {
                causes.duplicate(at, families.get(i));
            }
        }
        var policy = spec.stringOrNull("ipFamilyPolicy");
        if (policy != null && !POLICIES.contains(policy)) {
            causes.unsupported("spec.ipFamilyPolicy", policy, POLICIES);
        }
    }

    /// Whether each of them is one.
    private static boolean addresses(JsonObject spec, Causes causes) {
        int before = causes.count();
        var array = spec.array("clusterIPs");
        var addresses = array.strings();
        for (int i = 0; i < addresses.size(); i++) {
            if (i == 0 && addresses.get(i).equals(ServiceType.NONE)) {
                if (addresses.size() > 1) {
                    causes.invalid(ADDRESSES, array, "'None' must be the first and only value");
                }
            } else {
                Addresses.check(addresses.get(i), ADDRESSES + "[%d]".formatted(i), causes);
            }
        }
        boolean valid = causes.count() == before;
        if (addresses.size() > MOST) {
            causes.invalid(ADDRESSES, array, "may only hold up to 2 values");
        }
        return valid;
    }

    private static void pairs(JsonObject spec, Causes causes) {
        var array = spec.array("clusterIPs");
        var addresses = array.strings();
        if (addresses.size() > 1
                && addresses.stream().map(Addresses::isV6).distinct().count() < MOST) {
            causes.invalid(ADDRESSES, array, "may specify no more than one IP for each IP family");
        }
        if (ServiceType.isHeadless(spec)) {
            return;
        }
        var families = spec.array("ipFamilies").strings();
        for (int i = 0; i < Math.min(addresses.size(), families.size()); i++) {
            boolean six = Addresses.isV6(addresses.get(i));
            if (FAMILIES.contains(families.get(i)) && six != families.get(i).equals("IPv6")) {
                causes.invalid(
                        ADDRESSES + "[%d]".formatted(i),
                        addresses.get(i),
                        "expected an %s value as indicated by `ipFamilies[%d]`"
                                .formatted(families.get(i), i));
            }
        }
    }

    /// Neither an address nor the first family changes once given, but with the type. Some old
    /// services may lack an address in their plural form.
    static void update(JsonObject old, JsonObject updated, Causes causes) {
        if (ServiceType.isExternalName(old)
                || ServiceType.isExternalName(updated)
                || (ServiceType.isHeadless(old) && ServiceType.isHeadless(updated))) {
            return;
        }
        kept(old, updated, "clusterIPs", "primary clusterIP can not be unset", causes);
        released(old, updated, "clusterIPs", "clusterIP", causes);
        if (ServiceType.isHeadless(old) == ServiceType.isHeadless(updated)) {
            kept(old, updated, "ipFamilies", "primary ipFamily can not be unset", causes);
            released(old, updated, "ipFamilies", "ipFamily", causes);
        }
    }

    private static void kept(
            JsonObject old, JsonObject updated, String list, String unset, Causes causes) {
        var before = old.array(list);
        var after = updated.array(list);
        var path = "spec." + list;
        if (after.isEmpty()) {
            if (!before.isEmpty()) {
                causes.invalid(path + "[0]", orNull(after), unset);
            }
            return;
        }
        int same = before.size() == after.size() ? before.size() : Math.min(1, before.size());
        for (int i = 0; i < same; i++) {
            if (!before.get(i).equals(after.get(i))) {
                causes.invalid("%s[%d]".formatted(path, i), after, ONCE);
            }
        }
    }

    private static @Nullable Json orNull(JsonArray array) {
        return array.isEmpty() ? null : array;
    }

    private static void released(
            JsonObject old, JsonObject updated, String list, String what, Causes causes) {
        boolean second = updated.array(list).size() == 1 && old.array(list).size() > 1;
        if (second && !updated.string("ipFamilyPolicy").equals("SingleStack")) {
            causes.invalid(
                    "spec.ipFamilyPolicy",
                    updated.get("ipFamilyPolicy"),
                    "must be set to 'SingleStack' when releasing the secondary " + what);
        }
    }

    /// Addresses outside that somebody looks after.
    static void external(JsonObject spec, Causes causes) {
        var external = spec.array("externalIPs").strings();
        for (int i = 0; i < external.size(); i++) {
            var at = "spec.externalIPs[%d]".formatted(i);
            var text = external.get(i);
            Addresses.check(text, at, causes)
                    .ifPresent(address -> Addresses.checkOrdinary(address, text, at, causes));
        }
    }

    /// What a load balancer says of itself.
    static void status(JsonObject service, Causes causes) {
        var path = "status.loadBalancer";
        var ingress = service.object("status").object("loadBalancer").array("ingress");
        if (!ingress.isEmpty() && !ServiceType.isLoadBalancer(service.object("spec"))) {
            causes.forbidden(
                    path + ".ingress", "may only be used when `spec.type` is \"LoadBalancer\"");
            return;
        }
        Items.each(
                service.object("status").object("loadBalancer"),
                path,
                "ingress",
                (at, one) -> {
                    if (!one.string("ip").isEmpty()) {
                        Addresses.check(one.string("ip"), at + ".ip", causes);
                    }
                    var mode = one.stringOrNull("ipMode");
                    if (mode != null && one.string("ip").isEmpty()) {
                        causes.forbidden(
                                at + ".ipMode", "may not be specified when `ip` is not set");
                    } else if (mode != null && !List.of("Proxy", "VIP").contains(mode)) {
                        causes.unsupported(at + ".ipMode", mode, List.of("Proxy", "VIP"));
                    }
                    var name = one.string("hostname");
                    if (!name.isEmpty()) {
                        causes.invalidEach(at + ".hostname", name, Names.subdomain(name));
                        if (Addresses.isV4(name)) {
                            causes.invalid(
                                    at + ".hostname",
                                    name,
                                    "must be a DNS name, not an IP address");
                        }
                    }
                });
    }
}
