// SPDX-License-Identifier: Apache-2.0
/// Serves cluster DNS over UDP and TCP: what [dev.coracle.core.net.dns] decides, and what the
/// node's own resolvers say of every other name.
///
/// The wire format is dnsjava's; nothing else of that library is used. Start reading at
/// [dev.coracle.host.dns.DnsServer].
@NullMarked
package dev.coracle.host.dns;

import org.jspecify.annotations.NullMarked;
