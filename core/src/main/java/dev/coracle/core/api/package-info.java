// SPDX-License-Identifier: Apache-2.0
/// The vocabulary of the Kubernetes API that every part shares: resource types, object metadata,
/// Status errors, selectors, quantities, times.
///
/// Decides nothing about any one kind. Start reading at [dev.coracle.core.api.ResourceType].
@NullMarked
package dev.coracle.core.api;

import org.jspecify.annotations.NullMarked;
