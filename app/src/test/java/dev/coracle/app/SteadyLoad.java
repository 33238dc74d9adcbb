// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Requests at a steady rate, each over a new connection, whether or not earlier ones are answered.
final class SteadyLoad implements AutoCloseable {
    private static final InstantSource CLOCK = InstantSource.system();

    private record Answer(String name, Instant begun, Duration took) {}

    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final String ip;
    private final int port;

    private SteadyLoad(String ip, int port) {
        this.ip = ip;
        this.port = port;
    }

    static SteadyLoad start(String ip, int port, int perSecond) {
        var load = new SteadyLoad(ip, port);
        load.pace.scheduleAtFixedRate(
                () -> load.requests.execute(load::request),
                0,
                TimeUnit.SECONDS.toNanos(1) / perSecond,
                TimeUnit.NANOSECONDS);
        return load;
    }

    private void request() {
        var begun = CLOCK.instant();
        try {
            var name = Connection.whoAnswers(ip, port);
            answers.add(new Answer(name, begun, since(begun)));
        } catch (IOException e) {
            failures.add("%s after %d ms: %s".formatted(begun, since(begun).toMillis(), e));
        }
    }

    private static Duration since(Instant begun) {
        return Duration.between(begun, CLOCK.instant());
    }

    int answered() {
        return answers.size();
    }

    /// How many requests each pod has answered.
    SortedMap<String, Integer> answers() {
        var counts = new TreeMap<String, Integer>();
        answers.forEach(answer -> counts.merge(answer.name(), 1, Integer::sum));
        return counts;
    }

    /// When the last request began that this pod answered.
    Optional<Instant> lastBegin(String pod) {
        return answers.stream()
                .filter(answer -> answer.name().equals(pod))
                .map(Answer::begun)
                .max(Comparator.naturalOrder());
    }

    /// The longest that an answer took.
    Duration slowest() {
        return answers.stream()
                .map(Answer::took)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /// What became of the requests that were lost, with when they began.
    List<String> failures() {
        return List.copyOf(failures);
    }

    /// Waits for the answers to what was asked.
    @Override
    public void close() {
        pace.shutdownNow();
        pace.close();
        requests.close();
    }
}
