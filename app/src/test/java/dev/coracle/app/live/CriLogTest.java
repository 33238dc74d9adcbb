// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CriLogTest {
    private static final String FILE =
            """
            2026-01-01T00:00:00.000000001Z stdout F first
            2026-01-01T00:00:00.000000002Z stderr P gr
            2026-01-01T00:00:00.000000003Z stderr F üße  two
            2026-01-01T00:00:00.000000004Z stdout F\s
            something else
            2026-01-01T00:00:00.000000005Z stdout F not yet ended""";

    /// Whatever the pieces are, even in the middle of a character.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 8192})
    void linesAreWholeWhateverThePiecesAre(int size) {
        var log = new CriLog();
        var bytes = FILE.getBytes(StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += size) {
            int length = Math.min(size, bytes.length - from);
            var piece = new byte[size];
            System.arraycopy(bytes, from, piece, 0, length);
            lines.addAll(log.read(piece, length));
        }
        assertThat(lines).containsExactly("first", "grüße  two", "", "something else");
    }
}
