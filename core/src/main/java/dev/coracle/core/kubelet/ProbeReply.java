// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

/// What came of a [ProbeCall]: facts, not yet a verdict.
public sealed interface ProbeReply {

    /// The last response; `body` is cut at 10 KiB.
    record Http(int statusCode, String body) implements ProbeReply {}

    /// The port accepted the connection.
    record Connected() implements ProbeReply {}

    /// `status` is the word of the health protocol: `SERVING`, `NOT_SERVING`, …
    record Grpc(String status) implements ProbeReply {}

    /// No answer: refused, reset, too late, not understood. `message` is in the words that upstream
    /// shows, such as `dial tcp 10.1.0.5:80: connect: connection refused`.
    ///
    /// Differs from upstream: a response whose body cannot be read to its end is a failure, too;
    /// there the probe is tried twice more and then counts for nothing.
    record Failed(String message) implements ProbeReply {}
}
