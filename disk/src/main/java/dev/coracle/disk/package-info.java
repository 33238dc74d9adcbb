// SPDX-License-Identifier: Apache-2.0
/// Directories and what is mounted in them.
///
/// A module of its own because pods' volumes, the container runtime's state and whole nodes are
/// deleted in one and the same careful way, and those who do it do not know one another.
@NullMarked
package dev.coracle.disk;

import org.jspecify.annotations.NullMarked;
