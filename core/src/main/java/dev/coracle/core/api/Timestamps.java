// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Times as the API writes them: UTC, to the second (`v1.Time`) or microsecond (`v1.MicroTime`).
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
public final class Timestamps {
    private static final DateTimeFormatter MICRO =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Timestamps() {}

    /// `2026-11-21T04:04:30Z`; what is less than a second is dropped.
    public static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// `2026-11-21T04:04:30.123456Z`.
    public static String micros(Instant instant) {
        return MICRO.format(instant);
    }

    /// The instant that `text` (either form) names, null when it is empty or names none.
    public static @Nullable Instant parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
