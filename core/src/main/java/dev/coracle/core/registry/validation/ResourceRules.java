// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Requests and limits.
///
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
final class ResourceRules {
    private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> POD_LEVEL = Set.of("cpu", "memory");
    private static final String HUGE_PAGES = "hugepages-";

    private ResourceRules() {}

    /// Requirements of one container at `path`; `pod` where they are those of a pod as a whole.
    static void check(JsonObject resources, String path, boolean pod, Causes causes) {
        var limits = resources.object("limits");
        var requests = resources.object("requests");
        list(limits, path + ".limits", pod, causes);
        for (var name : requests.names()) {
            request(name, requests, limits, path, pod, causes);
        }
        boolean huge =
                limits.names().stream().anyMatch(ResourceRules::isHugePages)
                        || requests.names().stream().anyMatch(ResourceRules::isHugePages);
        boolean ordinary =
                POD_LEVEL.stream().anyMatch(name -> limits.has(name) || requests.has(name));
        if (huge && !ordinary) {
            causes.forbidden(path, "HugePages require cpu or memory");
        }
    }

    /// A list of resources on its own, such as `overhead`.
    static void list(JsonObject list, String path, boolean pod, Causes causes) {
        for (var name : list.names()) {
            var at = "%s[%s]".formatted(path, name);
            name(name, at, pod, causes);
            quantity(list, name).ifPresent(amount -> amount(name, amount, at, causes));
        }
    }

    private static void request(
            String name,
            JsonObject requests,
            JsonObject limits,
            String path,
            boolean pod,
            Causes causes) {
        var at = "%s.requests[%s]".formatted(path, name);
        name(name, at, pod, causes);
        var request = quantity(requests, name);
        if (request.isEmpty()) {
            return;
        }
        amount(name, request.get(), at, causes);
        var limit = quantity(limits, name);
        boolean overcommit = !isExtended(name) && !isHugePages(name);
        if (limit.isPresent()) {
            int order = request.get().compareTo(limit.get());
            if (!overcommit && order != 0) {
                causes.invalid(
                        path + ".requests",
                        request.get().toString(),
                        "must be equal to %s limit of %s".formatted(name, limit.get()));
            } else if (order > 0) {
                causes.invalid(
                        path + ".requests",
                        request.get().toString(),
                        "must be less than or equal to %s limit of %s"
                                .formatted(name, limit.get()));
            }
        } else if (!overcommit) {
            causes.required(path + ".limits", "Limit must be set for non overcommitable resources");
        }
    }

    private static void name(String name, String path, boolean pod, Causes causes) {
        var wrong = Names.qualified(name);
        causes.invalidEach(path, name, wrong);
        if (!wrong.isEmpty()) {
            return;
        }
        if (pod && !POD_LEVEL.contains(name) && !isHugePages(name)) {
            causes.unsupported(path, name, List.of("cpu", "hugepages-", "memory"));
        } else if (!name.contains("/")) {
            if (!STANDARD.contains(name) && !isHugePages(name)) {
                causes.invalid(path, name, "must be a standard resource for containers");
            }
        } else if (!isNative(name) && name.startsWith("requests.")) {
            causes.invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    /// The amount of `name`. What is no quantity did not get here: decoding refuses it.
    static Optional<Quantity> quantity(JsonObject list, String name) {
        var value = list.get(name);
        return value == null ? Optional.empty() : Quantity.of(value);
    }

    private static void amount(String name, Quantity amount, String path, Causes causes) {
        if (amount.signum() < 0) {
            causes.invalid(path, amount.toString(), Numbers.NEGATIVE);
        }
        if (isExtended(name) && !amount.isInteger()) {
            causes.invalid(path, amount.toString(), "must be an integer");
        }
        if (isHugePages(name)) {
            hugePages(name, amount, path, causes);
        }
    }

    private static void hugePages(String name, Quantity amount, String path, Causes causes) {
        var size = Quantity.of(Json.of(name.substring(HUGE_PAGES.length())));
        if (size.isEmpty() || size.get().signum() <= 0) {
            causes.invalid(path, amount.toString(), "invalid hugepage size in " + name);
        } else if (amount.signum() < 0
                || amount.decimal().remainder(size.get().decimal()).signum() != 0) {
            causes.invalid(
                    path,
                    amount.toString(),
                    "%s is not positive integer multiple of %s".formatted(amount, size.get()));
        }
    }

    private static boolean isHugePages(String name) {
        return name.startsWith(HUGE_PAGES);
    }

    private static boolean isNative(String name) {
        return !name.contains("/") || name.contains("kubernetes.io/");
    }

    /// Resources of devices, counted in whole ones and never overcommitted.
    private static boolean isExtended(String name) {
        return !isNative(name);
    }
}
