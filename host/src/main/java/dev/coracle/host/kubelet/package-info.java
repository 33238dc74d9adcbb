// SPDX-License-Identifier: Apache-2.0
/// The kubelet's shell: feeds [dev.coracle.core.kubelet.Kubelet] and carries out what it wants.
@NullMarked
package dev.coracle.host.kubelet;

import org.jspecify.annotations.NullMarked;
