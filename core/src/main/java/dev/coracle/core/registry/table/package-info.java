// SPDX-License-Identifier: Apache-2.0
/// What people see of objects: columns and cells by kind, as `kubectl get` prints them.
///
/// Start reading at [dev.coracle.core.registry.table.Tables].
@NullMarked
package dev.coracle.core.registry.table;

import org.jspecify.annotations.NullMarked;
