// SPDX-License-Identifier: Apache-2.0
/// Calls of the C library, where a process for each would cost too much or Java has no way.
@NullMarked
package dev.coracle.host.libc;

import org.jspecify.annotations.NullMarked;
