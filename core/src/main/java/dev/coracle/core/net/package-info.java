// SPDX-License-Identifier: Apache-2.0
/// Where packets to services and host ports go: one immutable table made of API objects, the
/// difference between two of them, and the port to what applies it.
///
/// Start reading at [dev.coracle.core.net.RuleTable].
@NullMarked
package dev.coracle.core.net;

import org.jspecify.annotations.NullMarked;
