// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.coracle.host.net;

import org.jspecify.annotations.NullMarked;
