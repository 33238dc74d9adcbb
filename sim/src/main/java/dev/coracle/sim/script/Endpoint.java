// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a container listens. `path` (without a query) is null for every path, and for ports that
/// speak no HTTP. The last answer whose time has come counts; before the first one's nothing
/// listens.
public record Endpoint(int port, @Nullable String path, List<Answer> answers) {
    public Endpoint {
        answers = List.copyOf(answers);
    }

    /// What is answered from `from` on, `delay` after it was asked.
    public record Answer(Duration from, Duration delay, Reply reply) {}

    /// What an endpoint says.
    public sealed interface Reply {
        /// An HTTP response.
        record Http(int statusCode, String body) implements Reply {}

        /// `present` while `file` exists in the container, `absent` while not.
        record ByFile(String file, int present, int absent) implements Reply {}

        /// An HTTP redirect to a path of the same host, or to a whole address.
        record Redirect(int statusCode, String location) implements Reply {}

        /// An answer of the gRPC health protocol: `SERVING`, `NOT_SERVING`, …
        record Grpc(String status) implements Reply {}

        /// Takes connections and says nothing.
        record Accepts() implements Reply {}

        /// Refuses connections, as if nothing listened.
        record Refuses() implements Reply {}
    }

    /// One that gives the same HTTP answer all along.
    public static Endpoint http(int port, String path, int statusCode) {
        return new Endpoint(
                port,
                path,
                List.of(new Answer(Duration.ZERO, Duration.ZERO, new Reply.Http(statusCode, ""))));
    }
}
