// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import java.util.Locale;

/// Sizes for people: decimal units, as image registries show them.
public final class Bytes {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

    private Bytes() {}

    /// `512 B`, `2.8 MB`.
    public static String of(long bytes) {
        int unit = unit(bytes);
        return number(bytes, unit) + " " + UNITS[unit];
    }

    /// `1.2/2.8 MB`: both in the unit of the whole.
    public static String of(long part, long whole) {
        int unit = unit(whole);
        return number(part, unit) + "/" + number(whole, unit) + " " + UNITS[unit];
    }

    private static int unit(long bytes) {
        int unit = 0;
        for (double value = bytes; value >= 999.95 && unit < UNITS.length - 1; value /= 1000) {
            unit++;
        }
        return unit;
    }

    private static String number(long bytes, int unit) {
        return unit == 0
                ? Long.toString(bytes)
                : String.format(Locale.ROOT, "%.1f", bytes / Math.pow(1000, unit));
    }
}
