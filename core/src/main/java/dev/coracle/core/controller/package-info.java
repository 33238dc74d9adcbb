// SPDX-License-Identifier: Apache-2.0
/// What a controller is: a pure function from the newest state of the cluster to writes.
///
/// Each controller has a package of its own below this one; they know nothing of one another.
/// Start reading at [dev.coracle.core.controller.Controller].
@NullMarked
package dev.coracle.core.controller;

import org.jspecify.annotations.NullMarked;
