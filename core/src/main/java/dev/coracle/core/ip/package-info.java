// SPDX-License-Identifier: Apache-2.0
/// Addresses of IPv4 and IPv6 as numbers, and how they are written. No name is ever looked up.
///
/// Start reading at [dev.coracle.core.ip.IpAddress].
@NullMarked
package dev.coracle.core.ip;

import org.jspecify.annotations.NullMarked;
