// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import java.util.List;

/// One kind of object the API serves, as discovery describes it.
///
/// `group` is empty for the core group; `plural` is the name in paths (`pods`); `categories` are
/// kubectl's (`all`).
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology>
public record ResourceType(
        String group,
        String version,
        String plural,
        String singular,
        String kind,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        List<Subresource> subresources) {
    /// What every type can do: every entry of the API supports all of it.
    public static final List<String> VERBS =
            List.of(
                    "create",
                    "delete",
                    "deletecollection",
                    "get",
                    "list",
                    "patch",
                    "update",
                    "watch");

    public ResourceType {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        subresources = List.copyOf(subresources);
    }

    /// A type without subresources.
    public ResourceType(
            String group,
            String version,
            String plural,
            String singular,
            String kind,
            boolean namespaced,
            List<String> shortNames,
            List<String> categories) {
        this(group, version, plural, singular, kind, namespaced, shortNames, categories, List.of());
    }

    /// A part of an object, or an action on it, with a path of its own (`pods/web/status`): what is
    /// sent and received there is a `kind` of `group` and `version`.
    public record Subresource(
            String name, String group, String version, String kind, List<String> verbs) {
        public Subresource {
            verbs = List.copyOf(verbs);
        }
    }

    public boolean hasSubresource(String name) {
        return subresources.stream().anyMatch(sub -> sub.name().equals(name));
    }

    /// The verbs on the type itself, as discovery lists them.
    public List<String> verbs() {
        return plural.equals("namespaces") && group.isEmpty()
                ? VERBS.stream().filter(verb -> !verb.equals("deletecollection")).toList()
                : VERBS;
    }

    /// `v1` or `apps/v1`, as in `apiVersion`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// The group in an `apiVersion`: `apps` of `apps/v1`, empty for the core group.
    public static String groupOf(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    /// `pods` or `deployments.apps`, as error messages name it.
    public String qualified() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /// Prefix of every key of this type in the store: `/apps/deployments/`.
    public String keyPrefix() {
        return "/" + (group.isEmpty() ? "core" : group) + "/" + plural + "/";
    }

    /// Key of one object in the store: `/core/pods/default/web`, `/core/nodes/yard`.
    public String key(String namespace, String name) {
        return keyPrefix() + (namespaced ? namespace + "/" : "") + name;
    }

    @Override
    public String toString() {
        return apiVersion() + " " + plural;
    }
}
