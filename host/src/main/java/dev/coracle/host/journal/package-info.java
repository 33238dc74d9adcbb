// SPDX-License-Identifier: Apache-2.0
/// Keeps the store's committed writes on disk, in one SQLite file.
///
/// Start reading at [dev.coracle.host.journal.SqliteJournal].
@NullMarked
package dev.coracle.host.journal;

import org.jspecify.annotations.NullMarked;
