// SPDX-License-Identifier: Apache-2.0
/// The shapes of the built-in kinds: what fields a type has, how its lists merge, and the decoder
/// that holds what clients send against them.
///
/// The shapes come from the `schema` module's generated resource; how lists merge is a table of our
/// own (`merge.txt`). Start reading at [dev.coracle.core.schema.Schemas].
@NullMarked
package dev.coracle.core.schema;

import org.jspecify.annotations.NullMarked;
