// SPDX-License-Identifier: Apache-2.0
/// Typed, immutable views of API objects: what decisions read, parsed once from the tree.
///
/// The tree carries everything else and stays reachable. Start reading at
/// [dev.coracle.core.view.Pod].
@NullMarked
package dev.coracle.core.view;

import org.jspecify.annotations.NullMarked;
