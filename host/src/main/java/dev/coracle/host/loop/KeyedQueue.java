// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;

/// Runs tasks of one key in the order they were given, tasks of different keys at the same time,
/// each busy key on a virtual thread of its own.
public final class KeyedQueue {
    private final Map<String, Queue<Runnable>> waiting = new HashMap<>();
    private final String name;
    private final Workers workers;

    /// `onCrash` is told of anything a task throws; later tasks of its key do not run.
    public KeyedQueue(String name, Consumer<Throwable> onCrash) {
        this.name = name;
        this.workers = new Workers(onCrash);
    }

    public void add(String key, Runnable task) {
        synchronized (waiting) {
            var queue = waiting.get(key);
            if (queue != null) {
                queue.add(task);
                return;
            }
            queue = new ArrayDeque<>();
            queue.add(task);
            waiting.put(key, queue);
        }
        workers.run(name + " " + key, () -> drain(key));
    }

    private void drain(String key) {
        while (true) {
            Runnable task;
            synchronized (waiting) {
                var queue = waiting.get(key);
                task = queue == null ? null : queue.poll();
                if (task == null) {
                    waiting.remove(key);
                    return;
                }
            }
            task.run();
        }
    }
}
