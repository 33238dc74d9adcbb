// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a request wants, as far as its method and path tell: the verb and either a resource
/// (`group`, `version`, `resource`, perhaps `subresource`, `namespace` and `name`) or, with an
/// empty
/// `resource`, just a path.
///
/// `namespace` is empty for what has none and for all namespaces, `name` for collections.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/>
public record Attributes(
        String path,
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name) {
    static final String PROXY = "proxy";

    private static final Set<String> NAMESPACE_PARTS = Set.of("status", "finalize");

    /// Reads `path` (decoded, beginning with a slash) and `method`; `watch` is what the query says.
    static Attributes of(String method, String path, boolean watch) {
        var steps = List.of(path.substring(1).split("/", -1));
        if (steps.getLast().isEmpty()) {
            steps = steps.subList(0, steps.size() - 1);
        }
        boolean core = steps.size() > 2 && steps.getFirst().equals("api");
        boolean grouped = steps.size() > 3 && steps.getFirst().equals("apis");
        if (!core && !grouped) {
            var verb = method.toLowerCase(Locale.ROOT);
            return new Attributes(path, verb, "", "", "", "", "", "");
        }
        var group = core ? "" : steps.get(1);
        var version = steps.get(core ? 1 : 2);
        return resource(
                path, method, watch, group, version, steps.subList(core ? 2 : 3, steps.size()));
    }

    private static Attributes resource(
            String path,
            String method,
            boolean watch,
            String group,
            String version,
            List<String> steps) {
        var namespace = "";
        var rest = steps;
        if (steps.getFirst().equals("namespaces") && steps.size() > 1) {
            namespace = steps.get(1);
            if (steps.size() > 2 && !NAMESPACE_PARTS.contains(steps.get(2))) {
                rest = steps.subList(2, steps.size());
            }
        }
        var name = rest.size() > 1 ? rest.get(1) : "";
        var below = rest.subList(Math.min(2, rest.size()), rest.size());
        var subresource =
                !below.isEmpty() && below.getFirst().equals(PROXY)
                        ? PROXY // what follows is a path of whatever is behind it
                        : String.join("/", below);
        return new Attributes(
                path,
                verb(method, watch, name.isEmpty()),
                group,
                version,
                rest.getFirst(),
                subresource,
                namespace,
                name);
    }

    private static String verb(String method, boolean watch, boolean collection) {
        return switch (method) {
            case "GET", "HEAD" -> watch && collection ? "watch" : collection ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> collection ? "deletecollection" : "delete";
            default -> method.toLowerCase(Locale.ROOT);
        };
    }

    boolean isResource() {
        return !resource.isEmpty();
    }

    /// The refusal, worded as upstream does.
    ApiException forbidden(User user, String reason) {
        var because = reason.isEmpty() ? "" : ": " + reason;
        if (!isResource()) {
            var message =
                    "forbidden: User \"%s\" cannot %s path \"%s\"%s"
                            .formatted(user.name(), verb, path, because);
            return new ApiException(
                    new Status(Status.Reason.FORBIDDEN, 403, message, JsonObject.EMPTY));
        }
        var qualified = group.isEmpty() ? resource : resource + "." + group;
        var message =
                "%s%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s%s"
                        .formatted(
                                qualified,
                                name.isEmpty() ? "" : " \"" + name + "\"",
                                user.name(),
                                verb,
                                subresource.isEmpty() ? resource : resource + "/" + subresource,
                                group,
                                namespace.isEmpty()
                                        ? "at the cluster scope"
                                        : "in the namespace \"" + namespace + "\"",
                                because);
        var details =
                JsonObject.builder()
                        .putUnlessEmpty("name", name)
                        .putUnlessEmpty("group", group)
                        .put("kind", resource)
                        .build();
        return new ApiException(new Status(Status.Reason.FORBIDDEN, 403, message, details));
    }
}
