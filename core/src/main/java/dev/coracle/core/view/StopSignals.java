// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The signals that a container may be asked to end with, and their numbers.
///
/// <https://kep.k8s.io/4960>
/// <https://man7.org/linux/man-pages/man7/signal.7.html>
public final class StopSignals {
    private static final int FIRST_REAL_TIME = 34;
    private static final int LAST_REAL_TIME = 64;

    /// The real-time signals up to this many above the first are named after it.
    private static final int NAMED_AFTER_FIRST = 15;

    private static final Map<String, Integer> NUMBERS = numbers();

    private StopSignals() {}

    private static Map<String, Integer> numbers() {
        var numbers = new TreeMap<String, Integer>();
        var standard =
                """
                HUP 1 INT 2 QUIT 3 ILL 4 TRAP 5 ABRT 6 IOT 6 BUS 7 FPE 8 KILL 9 USR1 10 SEGV 11 \
                USR2 12 PIPE 13 ALRM 14 TERM 15 STKFLT 16 CHLD 17 CLD 17 CONT 18 STOP 19 TSTP 20 \
                TTIN 21 TTOU 22 URG 23 XCPU 24 XFSZ 25 VTALRM 26 PROF 27 WINCH 28 IO 29 POLL 29 \
                PWR 30 SYS 31"""
                        .split(" ", -1);
        for (int i = 0; i < standard.length; i += 2) {
            numbers.put("SIG" + standard[i], Integer.parseInt(standard[i + 1]));
        }
        for (int number = FIRST_REAL_TIME; number <= LAST_REAL_TIME; number++) {
            numbers.put(realTime(number), number);
        }
        return Collections.unmodifiableMap(numbers);
    }

    private static String realTime(int number) {
        int above = number - FIRST_REAL_TIME;
        if (above == 0) {
            return "SIGRTMIN";
        }
        if (above <= NAMED_AFTER_FIRST) {
            return "SIGRTMIN+" + above;
        }
        return number == LAST_REAL_TIME ? "SIGRTMAX" : "SIGRTMAX-" + (LAST_REAL_TIME - number);
    }

    /// The names that a pod for this operating system may use, sorted; none for one that is not
    /// known.
    public static List<String> of(String os) {
        return switch (os) {
            case "linux" -> new ArrayList<>(NUMBERS.keySet());
            case "windows" -> List.of("SIGKILL", "SIGTERM");
            default -> List.of();
        };
    }

    /// The number of a signal on Linux.
    ///
    /// @throws IllegalArgumentException if there is none of this name
    public static int number(String name) {
        var number = NUMBERS.get(name);
        if (number == null) {
            throw new IllegalArgumentException("signal \"" + name + "\" is not known");
        }
        return number;
    }
}
