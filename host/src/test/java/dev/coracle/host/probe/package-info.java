// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.coracle.host.probe;

import org.jspecify.annotations.NullMarked;
