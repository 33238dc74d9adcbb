// SPDX-License-Identifier: Apache-2.0
/// Truth: every object at every retained revision, one writer at a time, durable before visible.
///
/// Knows keys and JSON trees, not kinds. Start reading at [dev.coracle.core.store.Store].
@NullMarked
package dev.coracle.core.store;

import org.jspecify.annotations.NullMarked;
