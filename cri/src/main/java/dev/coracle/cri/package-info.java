// SPDX-License-Identifier: Apache-2.0
/// Containers, for real: a client of the Container Runtime Interface, the supervision of a private
/// containerd, and what the two need of images and logs.
///
/// Nothing here decides what should run; that is told through
/// [dev.coracle.core.kubelet.ContainerRuntime]. Start reading at [dev.coracle.cri.CriRuntime], then
/// [dev.coracle.cri.PrivateContainerd].
@NullMarked
package dev.coracle.cri;

import org.jspecify.annotations.NullMarked;
