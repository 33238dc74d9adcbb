// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.ResourceType.Subresource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// One entry of the table of kinds: the type as served, the type whose keys its objects are stored
/// under (another only for a kind that two groups share), and its traits.
record ServedKind(ResourceType type, ResourceType storage, Set<Trait> traits) {
    private static final List<String> READ_WRITE = List.of("get", "patch", "update");
    private static final List<String> EVERY_METHOD =
            List.of("create", "delete", "get", "patch", "update");

    ServedKind {
        traits = Set.copyOf(traits);
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    boolean hasStatus() {
        return type.hasSubresource("status");
    }

    static Builder kind(String group, String version, String plural, String singular, String kind) {
        return new Builder(group, version, plural, singular, kind);
    }

    /// Describes an entry; namespaced, and without anything special, unless said otherwise.
    static final class Builder {
        private final String group;
        private final String version;
        private final String plural;
        private final String singular;
        private final String kind;
        private boolean namespaced = true;
        private List<String> shortNames = List.of();
        private List<String> categories = List.of();
        private final List<Subresource> subresources = new ArrayList<>();
        private final Set<Trait> traits = EnumSet.noneOf(Trait.class);

        private Builder(String group, String version, String plural, String singular, String kind) {
            this.group = group;
            this.version = version;
            this.plural = plural;
            this.singular = singular;
            this.kind = kind;
        }

        Builder cluster() {
            namespaced = false;
            return this;
        }

        Builder shortNames(String... names) {
            shortNames = List.of(names);
            return this;
        }

        Builder category(String name) {
            categories = List.of(name);
            return this;
        }

        Builder status() {
            return sub("status", group, version, kind, READ_WRITE);
        }

        Builder scale() {
            return sub("scale", "autoscaling", "v1", "Scale", READ_WRITE);
        }

        /// Requests of every method are passed on to it.
        Builder proxy() {
            return sub("proxy", group, version, kind + "ProxyOptions", EVERY_METHOD);
        }

        Builder sub(String name, String ofGroup, String ofVersion, String ofKind, String... verbs) {
            return sub(name, ofGroup, ofVersion, ofKind, List.of(verbs));
        }

        private Builder sub(
                String name, String ofGroup, String ofVersion, String ofKind, List<String> verbs) {
            subresources.add(new Subresource(name, ofGroup, ofVersion, ofKind, verbs));
            return this;
        }

        Builder traits(Trait... more) {
            traits.addAll(List.of(more));
            return this;
        }

        ServedKind build() {
            var type = type();
            return new ServedKind(type, type, traits);
        }

        ServedKind storedAs(ServedKind other) {
            return new ServedKind(type(), other.storage, other.traits);
        }

        private ResourceType type() {
            return new ResourceType(
                    group,
                    version,
                    plural,
                    singular,
                    kind,
                    namespaced,
                    shortNames,
                    categories,
                    subresources);
        }
    }
}
