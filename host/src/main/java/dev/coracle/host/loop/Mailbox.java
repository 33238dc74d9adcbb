// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import dev.coracle.core.machine.Machine;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Runs a [Machine] on a virtual thread of its own, one input at a time.
///
/// Outputs go to `driver`, which starts the work, returns at once and later posts what came of it
/// with the consumer it was given.
///
/// The queue has no fixed bound, because a machine's own replies must always find room (a full
/// queue would be a deadlock between the machine and its driver); what bounds it is that each
/// reply answers one output, and that outside inputs come from streams that coalesce.
public final class Mailbox<I, O> implements AutoCloseable {
    private final BlockingQueue<I> inputs = new LinkedBlockingQueue<>();
    private final Machine<I, O> machine;
    private final BiConsumer<O, Consumer<I>> driver;
    private final InstantSource clock;
    private final Thread thread;

    /// `onCrash` is told of anything the machine or the driver throws; the mailbox is dead by then.
    public Mailbox(
            String name,
            Machine<I, O> machine,
            BiConsumer<O, Consumer<I>> driver,
            InstantSource clock,
            Consumer<Throwable> onCrash) {
        this.machine = machine;
        this.driver = driver;
        this.clock = clock;
        this.thread =
                Thread.ofVirtual()
                        .name(name)
                        .uncaughtExceptionHandler((_, crash) -> onCrash.accept(crash))
                        .unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// Queues an input; never waits.
    public void tell(I input) {
        inputs.add(input);
    }

    private void run() {
        try {
            while (true) {
                var input = inputs.take();
                for (var output : machine.handle(input, clock.instant())) {
                    driver.accept(output, this::tell);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /// Stops between two inputs; what is still queued is dropped.
    @Override
    public void close() {
        thread.interrupt();
    }
}
