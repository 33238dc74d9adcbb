// SPDX-License-Identifier: Apache-2.0
/// The patches a client can send, applied to trees: JSON patch, merge patch and strategic merge
/// patch.
///
/// Start reading at [dev.coracle.core.patch.Patches].
@NullMarked
package dev.coracle.core.patch;

import org.jspecify.annotations.NullMarked;
