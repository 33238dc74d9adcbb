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
        List<String> categories) {
    public ResourceType {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
    }

    /// `v1` or `apps/v1`, as in `apiVersion`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
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
}
