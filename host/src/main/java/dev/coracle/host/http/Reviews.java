// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.List;

/// Kinds that are questions, answered at once and never stored: who am I, may I.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review>
/// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access>
final class Reviews {
    private static final ResourceType SELF_SUBJECT =
            type("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview");
    private static final ResourceType SELF_SUBJECT_ACCESS =
            type("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview");
    static final List<ResourceType> TYPES = List.of(SELF_SUBJECT, SELF_SUBJECT_ACCESS);
    static final List<String> VERBS = List.of("create");

    private final Authorizer authorizer;

    Reviews(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    private static ResourceType type(String group, String plural, String kind) {
        var singular = plural.substring(0, plural.length() - 1);
        return new ResourceType(group, "v1", plural, singular, kind, false, List.of(), List.of());
    }

    /// `review` with its status.
    JsonObject answer(ResourceType type, JsonObject review, User user) {
        return review.with(
                "status",
                type.equals(SELF_SUBJECT)
                        ? JsonObject.of("userInfo", user.json())
                        : access(review.object("spec"), user));
    }

    private JsonObject access(JsonObject spec, User user) {
        var decision = authorizer.authorize(user, attributes(spec));
        return JsonObject.builder()
                .put("allowed", decision.allowed())
                .putUnlessEmpty("reason", Json.of(decision.reason()))
                .build();
    }

    private static Attributes attributes(JsonObject spec) {
        if (spec.has("nonResourceAttributes")) {
            var path = spec.object("nonResourceAttributes");
            return new Attributes(path.string("path"), path.string("verb"), "", "", "", "", "", "");
        }
        var resource = spec.object("resourceAttributes");
        return new Attributes(
                "",
                resource.string("verb"),
                resource.string("group"),
                resource.string("version"),
                resource.string("resource"),
                resource.string("subresource"),
                resource.string("namespace"),
                resource.string("name"));
    }
}
