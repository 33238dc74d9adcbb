// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pods that Kubernetes v1.36.2 went through, with what its own tables showed of them.
final class RecordedPodsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "active-deadline",
                "crashloop",
                "image-pull-notfound",
                "init-fail-always",
                "init-fail-never",
                "init-two",
                "never-fail",
                "oom-kill",
                "sidecar"
            })
    void readyStatusAndRestartsAreThoseOfUpstream(String recording) {
        var rows = new ArrayList<String>();
        for (var line : lines(recording + ".jsonl")) {
            var summary = PodStatus.of(JsonReader.parseObject(line));
            var row =
                    "%d/%d %s %d"
                            .formatted(
                                    summary.ready(),
                                    summary.total(),
                                    summary.reason(),
                                    summary.restarts());
            if (rows.isEmpty() || !rows.getLast().equals(row)) {
                rows.add(row);
            }
        }
        assertThat(rows).isEqualTo(lines(recording + ".rows"));
    }

    private static List<String> lines(String resource) {
        try (var in = RecordedPodsTest.class.getResourceAsStream(resource)) {
            var bytes = Objects.requireNonNull(in, resource).readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
