// SPDX-License-Identifier: Apache-2.0
/// Decides what cluster DNS answers: from services, endpoint slices and namespaces to records.
///
/// It knows nothing of the wire format, of sockets and of names outside the cluster; whoever serves
/// it sends those elsewhere. Start reading at [dev.coracle.core.net.dns.ClusterNames].
@NullMarked
package dev.coracle.core.net.dns;

import org.jspecify.annotations.NullMarked;
