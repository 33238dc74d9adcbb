// SPDX-License-Identifier: Apache-2.0
/// Deletes what belonged to something that is gone.
///
/// Start reading at [dev.coracle.core.controller.garbage.GarbageCollector].
@NullMarked
package dev.coracle.core.controller.garbage;

import org.jspecify.annotations.NullMarked;
