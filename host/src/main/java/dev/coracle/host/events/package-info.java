// SPDX-License-Identifier: Apache-2.0
/// Writes the events that components report.
@NullMarked
package dev.coracle.host.events;

import org.jspecify.annotations.NullMarked;
