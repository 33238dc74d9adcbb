// SPDX-License-Identifier: Apache-2.0
/// Gives every namespace its default service account.
@NullMarked
package dev.coracle.core.controller.serviceaccount;

import org.jspecify.annotations.NullMarked;
