// SPDX-License-Identifier: Apache-2.0
/// Keeps as many pods as a ReplicationController asks for.
///
/// Start reading at [dev.coracle.core.controller.replication.ReplicationControllers].
@NullMarked
package dev.coracle.core.controller.replication;

import org.jspecify.annotations.NullMarked;
