// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogRotationTest {
    private static Bench bench;

    @BeforeAll
    static void startContainerd() throws Exception {
        bench = Bench.start();
    }

    @AfterAll
    static void takeItAway() throws Exception {
        bench.close();
    }

    @Test
    void aLongLogIsMovedAsideAndWritingGoesOn() throws Exception {
        var pod =
                bench.run(
                        "chatty", "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.01; done");
        var log = bench.logs("chatty").resolve("main.log");
        var now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
        try (var rotation =
                new LogRotation(bench.runtime(), new LogRotation.Limits(500, 3), now::get)) {
            for (int i = 0; i < 4; i++) {
                Bench.await("a long log", () -> Files.exists(log) && Files.size(log) > 500);
                rotation.rotate();
                now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
            }
            Bench.await("a new log", () -> Files.exists(log) && Files.size(log) > 0);
        }

        assertThat(files(log.getParent()))
                .containsExactly(
                        "main.log", "main.log.20260101-000200.gz", "main.log.20260101-000300");
        assertThat(numbers(log.getParent()))
                .as("no line is lost or torn from one file to the next")
                .isEqualTo(rangeOf(numbers(log.getParent())));
        bench.remove(pod);
    }

    @Test
    void aShortLogIsLeftAlone() throws Exception {
        var pod = bench.run("quiet", "echo once; exec sleep 1000");
        var log = bench.logs("quiet").resolve("main.log");
        Bench.await("its line", () -> Files.exists(log) && Files.size(log) > 0);

        try (var rotation =
                new LogRotation(bench.runtime(), LogRotation.Limits.DEFAULT, () -> Instant.EPOCH)) {
            rotation.rotate();
        }

        assertThat(files(log.getParent())).containsExactly("main.log");
        bench.remove(pod);
    }

    private static List<String> files(Path directory) throws Exception {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// The numbers of all lines, from the oldest file to the newest.
    private static List<Integer> numbers(Path directory) throws Exception {
        var names = new ArrayList<>(files(directory));
        names.add(names.removeFirst());
        var numbers = new ArrayList<Integer>();
        for (var name : names) {
            var bytes = Files.readAllBytes(directory.resolve(name));
            if (name.endsWith(".gz")) {
                bytes = new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
            }
            new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.matches(".* line [0-9]+"))
                    .map(line -> Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                    .forEach(numbers::add);
        }
        return numbers;
    }

    private static List<Integer> rangeOf(List<Integer> numbers) {
        var range = new ArrayList<Integer>();
        for (int i = numbers.getFirst(); i < numbers.getFirst() + numbers.size(); i++) {
            range.add(i);
        }
        return range;
    }
}
