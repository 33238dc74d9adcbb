// SPDX-License-Identifier: Apache-2.0
/// What the API server writes into an object that its author left out: defaults of every kind, the
/// first status, and what the admission of pods adds. Pure functions from tree to tree.
@NullMarked
package dev.coracle.core.registry.defaults;

import org.jspecify.annotations.NullMarked;
