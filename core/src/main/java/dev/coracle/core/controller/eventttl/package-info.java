// SPDX-License-Identifier: Apache-2.0
/// Lets events go when they are old.
@NullMarked
package dev.coracle.core.controller.eventttl;

import org.jspecify.annotations.NullMarked;
