// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import static dev.coracle.core.Golden.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Pods in many a situation, second by second: each directory of `traces` is a manifest, a script
/// of what its containers do, and what came of it. `-Dgolden=update` rewrites that; review the
/// diff.
class TracesTest {
    private static final int SITUATIONS = 35;

    @TestFactory
    Stream<DynamicTest> situations() throws IOException {
        return Lived.cases("traces").entrySet().stream()
                .map(
                        one ->
                                DynamicTest.dynamicTest(
                                        one.getKey(), () -> assertLivedAsBefore(one.getValue())));
    }

    private static void assertLivedAsBefore(Path directory) throws IOException {
        assertSaysWhatFixesTheRule(directory.resolve("manifest.yaml"));
        var golden = directory.resolve("trace.txt");
        var lived = String.join("\n", Lived.of(directory, null).lines()) + "\n";
        assertGolden(golden, lived);
    }

    private static void assertSaysWhatFixesTheRule(Path manifest) throws IOException {
        var lines = Files.readAllLines(manifest);
        assertThat(lines.get(0)).as("%s: the situation", manifest).startsWith("# ");
        assertThat(lines.get(1))
                .as("%s: the page of Kubernetes that fixes the rule", manifest)
                .matches("# https://(kubernetes\\.io/docs|github\\.com/kubernetes)/.+");
    }

    @Test
    void thereAreEnoughOfThem() throws IOException {
        assertThat(Lived.cases("traces")).hasSizeGreaterThanOrEqualTo(SITUATIONS);
    }

    @Test
    void theSameSituationIsLivedTheSameWayTwice() throws IOException {
        var directory = Lived.cases("traces").values().iterator().next();

        assertThat(Lived.of(directory, null).lines())
                .isEqualTo(Lived.of(directory, null).lines())
                .isNotEmpty();
    }
}
