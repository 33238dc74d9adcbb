// SPDX-License-Identifier: Apache-2.0
/// Asks containers over the network whether they are well: HTTP, TCP and gRPC.
///
/// What an answer means is decided in core. Failures are told in the words of upstream's kubelet,
/// which are those of Go's libraries. Start reading at [dev.coracle.host.probe.NetworkProber].
@NullMarked
package dev.coracle.host.probe;

import org.jspecify.annotations.NullMarked;
