// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.logs;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One line of a log file: `<RFC3339Nano> stdout|stderr P|F message`.
///
/// Offsets are into `bytes`, without the line's newline. `partial`: the container's line goes on in
/// the next one.
///
/// <https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md>
record LogLine(byte[] bytes, int from, int timeEnd, boolean partial, int messageFrom, int to) {
    /// Long enough for time, stream and tag, which is all that is needed to tell how a line ends.
    static final int HEAD_BYTES = 64;

    private static final DateTimeFormatter FIXED =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX", Locale.ROOT);

    /// The line in `bytes` from `from` to `to`, null if it is not of that form.
    static @Nullable LogLine parse(byte[] bytes, int from, int to) {
        int timeEnd = space(bytes, from, to);
        int streamEnd = timeEnd < 0 ? -1 : space(bytes, timeEnd + 1, to);
        if (streamEnd < 0 || streamEnd + 1 >= to) {
            return null;
        }
        int tagEnd = space(bytes, streamEnd + 1, to);
        int end = tagEnd < 0 ? to : tagEnd; // an empty message may come without its space
        byte tag = bytes[streamEnd + 1];
        if (tag != 'P' && tag != 'F') {
            return null;
        }
        return new LogLine(bytes, from, timeEnd, tag == 'P', Math.min(end + 1, to), to);
    }

    private static int space(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == ' ') {
                return i;
            }
        }
        return -1;
    }

    /// When it was written, null if what is there is not a time.
    @Nullable OffsetDateTime time() {
        try {
            return OffsetDateTime.parse(
                    new String(bytes, from, timeEnd - from, StandardCharsets.US_ASCII));
        } catch (DateTimeException e) {
            return null;
        }
    }

    /// The time as `kubectl logs --timestamps` shows it: always nine digits.
    byte[] timeText() {
        var time = time();
        var text =
                time == null
                        ? new String(bytes, from, timeEnd - from, StandardCharsets.US_ASCII)
                        : FIXED.format(time);
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
