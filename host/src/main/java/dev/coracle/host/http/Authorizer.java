// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import java.util.Set;

/// Decides whether somebody may do something.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/>
public interface Authorizer {

    /// `reason` may be empty; it is shown to the client when refused.
    record Decision(boolean allowed, String reason) {
        static final Decision ALLOWED = new Decision(true, "");
        static final Decision NO_OPINION = new Decision(false, "");
    }

    Decision authorize(User user, Attributes attributes);

    /// Administrators and nodes may do everything, any authenticated user may look at discovery and
    /// ask who they are, and anybody may ask whether the server is well.
    ///
    /// Differs from upstream: nodes are not restricted to their own objects, and roles grant
    /// nothing.
    static Authorizer byGroup() {
        return new ByGroup();
    }

    /// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles>
    final class ByGroup implements Authorizer {
        private static final Set<String> ALL_POWERFUL = Set.of(User.MASTERS, "system:nodes");
        private static final Set<String> SELF_REVIEWS =
                Set.of("selfsubjectreviews", "selfsubjectaccessreviews");
        private static final Set<String> HEALTH = Set.of("healthz", "livez", "readyz");
        private static final Set<String> DISCOVERY = Set.of("api", "apis", "openapi", "version");

        private ByGroup() {}

        @Override
        public Decision authorize(User user, Attributes attributes) {
            if (user.groups().stream().anyMatch(ALL_POWERFUL::contains)) {
                return Decision.ALLOWED;
            }
            boolean allowed =
                    attributes.isResource()
                            ? user.isIn(User.AUTHENTICATED)
                                    && attributes.verb().equals("create")
                                    && SELF_REVIEWS.contains(attributes.resource())
                            : isReading(attributes) && mayRead(user, attributes.path());
            return allowed ? Decision.ALLOWED : Decision.NO_OPINION;
        }

        private static boolean isReading(Attributes attributes) {
            return attributes.verb().equals("get") || attributes.verb().equals("head");
        }

        private static boolean mayRead(User user, String path) {
            var first = path.substring(1).split("/", 2)[0];
            return HEALTH.contains(first)
                    || (user.isIn(User.AUTHENTICATED) && DISCOVERY.contains(first));
        }
    }
}
