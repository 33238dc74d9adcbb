// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads the log format of CRI from pieces as they come: lines of
/// `2026-01-01T00:00:00.000000000Z stdout F text`, where the tag P means that the text goes on in
/// the next line.
///
/// <https://kubernetes.io/docs/concepts/cluster-administration/logging/>
public final class CriLog {
    private byte[] rest = new byte[0];
    private final StringBuilder partial = new StringBuilder();

    /// Takes the next piece of the file and returns the lines that it completed.
    public List<String> read(byte[] piece, int length) {
        var bytes = new byte[rest.length + length];
        System.arraycopy(rest, 0, bytes, 0, rest.length);
        System.arraycopy(piece, 0, bytes, rest.length, length);
        var lines = new ArrayList<String>();
        int from = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                take(new String(bytes, from, at - from, StandardCharsets.UTF_8), lines);
                from = at + 1;
            }
        }
        rest = java.util.Arrays.copyOfRange(bytes, from, bytes.length);
        return lines;
    }

    private void take(String line, List<String> lines) {
        var fields = line.split(" ", 4);
        if (fields.length < 4) {
            lines.add(line); // not CRI's format: better shown as it is than lost
            return;
        }
        partial.append(fields[3]);
        if (!fields[2].startsWith("P")) {
            lines.add(partial.toString());
            partial.setLength(0);
        }
    }
}
