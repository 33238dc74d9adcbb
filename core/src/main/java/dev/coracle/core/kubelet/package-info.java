// SPDX-License-Identifier: Apache-2.0
/// The life of pods on one node: a pure decision function, a machine for each pod, and the ports
/// it needs of the world.
///
/// Start reading at [dev.coracle.core.kubelet.ContainerRuntime], the port.
@NullMarked
package dev.coracle.core.kubelet;

import org.jspecify.annotations.NullMarked;
