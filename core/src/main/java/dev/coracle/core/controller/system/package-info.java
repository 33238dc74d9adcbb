// SPDX-License-Identifier: Apache-2.0
/// Keeps the services that every cluster has: the API server's and the DNS's.
@NullMarked
package dev.coracle.core.controller.system;

import org.jspecify.annotations.NullMarked;
