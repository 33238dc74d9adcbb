// SPDX-License-Identifier: Apache-2.0
/// Runs at build time only and is left out of the jar: turns the annotations of a published model
/// artifact into the resources `types.txt`, `descriptions.txt` and `resources.txt`.
@NullMarked
package dev.coracle.schema;

import org.jspecify.annotations.NullMarked;
