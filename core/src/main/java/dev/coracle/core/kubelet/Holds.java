// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.kubelet.PodFacts.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Why containers of one pod do not run, and until when they are left alone.
final class Holds {
    private final Map<String, Waiting> reasons = new LinkedHashMap<>();
    private final Map<String, Instant> until = new HashMap<>();
    private final Map<String, Instant> announced = new HashMap<>();

    /// A container could not be started because of `why`, and is tried again at `retry`.
    void hold(String name, Waiting why, Instant retry) {
        reasons.put(name, why);
        until.put(name, retry);
    }

    boolean isHeld(String name, Instant now) {
        var retry = until.get(name);
        return retry != null && now.isBefore(retry);
    }

    void started(String name) {
        reasons.remove(name);
        until.remove(name);
        announced.remove(name);
    }

    void clear() {
        reasons.clear();
        until.clear();
    }

    /// For the status, by container name.
    Map<String, Waiting> reasons() {
        return Map.copyOf(reasons);
    }

    /// A copy, by container name.
    Map<String, Instant> retries() {
        return new HashMap<>(until);
    }

    /// How far the announcement of a back-off has come.
    enum Announcement {
        NEW,
        RECENT,
        OLD
    }

    /// Notes that a restart is put off; OLD once that has been so for `followUp`.
    Announcement announce(String name, Duration followUp, Instant now) {
        var since = announced.putIfAbsent(name, now);
        if (since == null) {
            return Announcement.NEW;
        }
        return now.isBefore(since.plus(followUp)) ? Announcement.RECENT : Announcement.OLD;
    }

    Instant announcedAt(String name) {
        return announced.getOrDefault(name, Instant.MIN);
    }

    void explain(String name, Waiting why) {
        reasons.put(name, why);
    }
}
