// SPDX-License-Identifier: Apache-2.0
/// Tests against a real containerd, each with directories of its own.
@NullMarked
package dev.coracle.cri;

import org.jspecify.annotations.NullMarked;
