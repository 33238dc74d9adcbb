// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import dev.coracle.core.machine.Machine;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Runs a [Machine] on one virtual thread of the [Workers] of its part, one input at a time, until
/// these are closed; what is still queued then is dropped. Of anything the machine or the driver
/// throws they tell, and the mailbox is dead.
///
/// Outputs go to `driver`, which starts the work, returns at once and later posts what came of it
/// with the consumer it was given.
///
/// The queue has no fixed bound, because a machine's own replies must always find room (a full
/// queue would be a deadlock between the machine and its driver); what bounds it is that each
/// reply answers one output, and that outside inputs come from streams that coalesce.
public final class Mailbox<I, O> {
    private final BlockingQueue<I> inputs = new LinkedBlockingQueue<>();
    private final Machine<I, O> machine;
    private final BiConsumer<O, Consumer<I>> driver;
    private final InstantSource clock;

    public Mailbox(Machine<I, O> machine, BiConsumer<O, Consumer<I>> driver, InstantSource clock) {
        this.machine = machine;
        this.driver = driver;
        this.clock = clock;
    }

    public void start(String name, Workers workers) {
        workers.keep(name, this::run);
    }

    /// Queues an input; never waits.
    public void tell(I input) {
        inputs.add(input);
    }

    private void run() throws InterruptedException {
        while (true) {
            var input = inputs.take();
            for (var output : machine.handle(input, clock.instant())) {
                driver.accept(output, this::tell);
            }
        }
    }
}
