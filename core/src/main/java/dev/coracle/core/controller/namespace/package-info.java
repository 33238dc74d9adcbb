// SPDX-License-Identifier: Apache-2.0
/// Empties namespaces that are to go.
@NullMarked
package dev.coracle.core.controller.namespace;

import org.jspecify.annotations.NullMarked;
