// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import java.util.List;
import java.util.Map;

/// Who belongs to whom, the other way round than objects say it.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>
public interface Dependents {

    /// The objects that name `owner` as theirs, by the uid that they know it by: more than one when
    /// an object was followed by a namesake.
    Map<String, List<Dependent>> of(ResourceType type, ObjectKey owner);

    record Dependent(ResourceType type, ObjectKey key) {}
}
