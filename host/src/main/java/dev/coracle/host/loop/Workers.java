// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/// The virtual threads of one part of the node. What one of them throws is told, and it is over;
/// closing ends those that go on for good, and waits for them.
public final class Workers implements AutoCloseable {
    private final Deque<Thread> lasting = new ArrayDeque<>();
    private final Consumer<Throwable> onCrash;

    /// `onCrash` is told of what nobody caught.
    public Workers(Consumer<Throwable> onCrash) {
        this.onCrash = onCrash;
    }

    /// What goes on until it is interrupted.
    public interface Body {
        void run() throws InterruptedException;
    }

    /// Starts something that comes to its end by itself.
    public void run(String name, Runnable task) {
        start(name, task);
    }

    /// Starts something that goes on until this is closed.
    public void keep(String name, Body body) {
        var thread =
                start(
                        name,
                        () -> {
                            try {
                                body.run();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt(); // closed
                            }
                        });
        synchronized (lasting) {
            lasting.push(thread);
        }
    }

    /// Tells `listener` of what changes until this is closed.
    public void follow(String name, Follower follower, Follower.Listener listener) {
        keep(name, () -> follower.run(listener));
    }

    private Thread start(String name, Runnable task) {
        return Thread.ofVirtual()
                .name(name)
                .uncaughtExceptionHandler((_, crash) -> onCrash.accept(crash))
                .start(task);
    }

    @Override
    public void close() {
        synchronized (lasting) {
            lasting.forEach(Thread::interrupt);
            try {
                while (!lasting.isEmpty()) {
                    lasting.pop().join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // they are ending
            }
        }
    }
}
