// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/// Has a say in every create and update, after defaults and before validation.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>
@FunctionalInterface
public interface Admission {

    /// Returns `object`, changed or not. `old` is what it replaces, null when it is new;
    /// `subresource` is empty for the object as a whole.
    ///
    /// @throws dev.coracle.core.api.ApiException to refuse it
    JsonObject admit(
            ResourceType type, String subresource, @Nullable JsonObject old, JsonObject object);
}
