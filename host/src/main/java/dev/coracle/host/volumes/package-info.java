// SPDX-License-Identifier: Apache-2.0
/// Volumes of pods on the node's disk: makes what [dev.coracle.core.kubelet.volume.Volume] asks
/// for.
@NullMarked
package dev.coracle.host.volumes;

import org.jspecify.annotations.NullMarked;
