// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.manifest.Application.Applied;
import dev.coracle.core.api.ResourceType;
import java.util.Set;

/// Which kinds something acts on, so that nobody waits for what will not come.
final class ActedOn {
    private static final Set<String> NOT_YET =
            Set.of(
                    "apps",
                    "batch",
                    "autoscaling",
                    "networking.k8s.io",
                    "policy",
                    "admissionregistration.k8s.io",
                    "apiextensions.k8s.io");

    private static final Set<String> NOT_YET_IN_CORE =
            Set.of("persistentvolumeclaims", "persistentvolumes", "resourcequotas", "limitranges");

    private ActedOn() {}

    /// Whether objects of `type` are only stored and shown.
    static boolean byNobody(ResourceType type) {
        return type.group().isEmpty()
                ? NOT_YET_IN_CORE.contains(type.plural())
                : NOT_YET.contains(type.group());
    }

    /// What is said of an object that is only stored.
    static String sentence(Applied applied) {
        return "%s \"%s\" is stored, but nothing in this version acts on it"
                .formatted(
                        applied.type().kind(), applied.object().object("metadata").string("name"));
    }
}
