// SPDX-License-Identifier: Apache-2.0
/// Which objects are refused, and with which words: upstream v1.36's rules as pure functions from
/// trees to lists of causes. Start at [dev.coracle.core.registry.validation.Validation].
@NullMarked
package dev.coracle.core.registry.validation;

import org.jspecify.annotations.NullMarked;
