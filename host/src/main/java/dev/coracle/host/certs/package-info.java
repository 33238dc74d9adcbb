// SPDX-License-Identifier: Apache-2.0
/// Who is who: the private certificate authority of a node, the certificates it issues, the
/// kubeconfig that carries them, and service-account tokens.
///
/// Decides nothing about what anybody may do. Start reading at [dev.coracle.host.certs.Pki].
@NullMarked
package dev.coracle.host.certs;

import org.jspecify.annotations.NullMarked;
