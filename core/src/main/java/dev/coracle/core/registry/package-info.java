// SPDX-License-Identifier: Apache-2.0
/// The only door to the store: decode, default, mutate, validate, then commit; and the rules that
/// hold for every kind (metadata, deletion, selectors, paging, tables).
///
/// Start reading at [dev.coracle.core.registry.Registry]; a new kind is one entry in
/// `ResourceTypes`.
@NullMarked
package dev.coracle.core.registry;

import org.jspecify.annotations.NullMarked;
