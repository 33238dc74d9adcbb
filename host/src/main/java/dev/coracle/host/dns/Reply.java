// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import java.util.function.Supplier;

/// What is to be done about a query.
sealed interface Reply {

    /// Send these bytes.
    record Now(byte[] bytes) implements Reply {
        @Override
        public String toString() {
            return bytes.length + " bytes";
        }
    }

    /// Others must be asked first: get the bytes, which may take seconds, on a thread of its own.
    record Later(Supplier<byte[]> bytes) implements Reply {}

    /// It was not a query: say nothing.
    record Silence() implements Reply {}
}
