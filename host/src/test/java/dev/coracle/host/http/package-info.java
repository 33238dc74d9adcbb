// SPDX-License-Identifier: Apache-2.0
/// The API over real TLS connections, in one process.
@NullMarked
package dev.coracle.host.http;

import org.jspecify.annotations.NullMarked;
