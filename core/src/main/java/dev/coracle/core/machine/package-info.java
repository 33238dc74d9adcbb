// SPDX-License-Identifier: Apache-2.0
/// The shape of everything that happens: a machine that is told things and answers what it wants
/// done, without ever doing it.
@NullMarked
package dev.coracle.core.machine;

import org.jspecify.annotations.NullMarked;
