// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The signals that ask a process to end, as calls of ours instead of the JVM's sudden exit.
final class Signals implements AutoCloseable {
    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

    /// Where signals come from: the operating system, or a test.
    interface Source {
        AutoCloseable listen(Runnable onSignal);
    }

    private final Map<String, Object> previous = new LinkedHashMap<>();

    /// Calls `onSignal`, on a thread of its own, at every INT, TERM and HUP until closed.
    Signals(Runnable onSignal) {
        for (var name : NAMES) {
            previous.put(name, org.jline.utils.Signals.register(name, onSignal));
        }
    }

    @Override
    public void close() {
        previous.forEach(org.jline.utils.Signals::unregister);
    }
}
