// SPDX-License-Identifier: Apache-2.0
/// Applies packet rules in the kernel: nftables, and flows that have to be forgotten. Tells load
/// balancers whether packets may come.
///
/// Start reading at [dev.coracle.host.net.RulesLoop].
@NullMarked
package dev.coracle.host.net;

import org.jspecify.annotations.NullMarked;
