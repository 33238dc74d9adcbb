// SPDX-License-Identifier: Apache-2.0
/// What a pod's volumes must hold: a pure function from the pod and the objects it refers to.
///
/// Writes nothing; the host does. Start reading at [dev.coracle.core.kubelet.volume.Volume].
@NullMarked
package dev.coracle.core.kubelet.volume;

import org.jspecify.annotations.NullMarked;
