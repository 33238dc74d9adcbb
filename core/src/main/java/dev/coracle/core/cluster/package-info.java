// SPDX-License-Identifier: Apache-2.0
/// What of `core` makes a cluster, wherever it runs: a node and a simulation plug other ports into
/// the same parts. Nothing else of `core` sees this package.
@NullMarked
package dev.coracle.core.cluster;

import org.jspecify.annotations.NullMarked;
