// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.coracle.host.logs;

import org.jspecify.annotations.NullMarked;
