// SPDX-License-Identifier: Apache-2.0
/// Gives every namespace the certificate authority of the API server.
@NullMarked
package dev.coracle.core.controller.rootca;

import org.jspecify.annotations.NullMarked;
