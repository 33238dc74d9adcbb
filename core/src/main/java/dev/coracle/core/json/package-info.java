// SPDX-License-Identifier: Apache-2.0
/// JSON trees: immutable values, a strict reader that reports every duplicate name, a writer that
/// gives back exactly the numbers it was given, and YAML read as kubectl reads it.
///
/// Knows nothing of Kubernetes. Start reading at [dev.coracle.core.json.Json].
@NullMarked
package dev.coracle.core.json;

import org.jspecify.annotations.NullMarked;
