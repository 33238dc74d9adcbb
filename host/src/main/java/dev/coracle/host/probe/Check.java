// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.host.loop.Alarms;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One check under way, on a virtual thread of its own.
///
/// What is told first counts. When time is up that is the alarm's thread and not the check's, which
/// may hang where nothing can reach it; it is interrupted, which closes its socket.
final class Check {
    /// What a check does, blocking. It says with [Check#beforeThat] what to tell if time runs out.
    interface Work {
        ProbeReply perform(Check check) throws CheckFailed, InterruptedException;
    }

    private final Work work;
    private final Consumer<ProbeReply> reply;
    private final Runnable onTold;
    private final AtomicBoolean told = new AtomicBoolean();
    private final Thread thread;
    private volatile Alarms.Alarm alarm = () -> {};
    private volatile Supplier<String> words = () -> "context deadline exceeded";

    /// `onTold` runs before the reply is told.
    Check(Work work, Consumer<ProbeReply> reply, Consumer<Check> onTold) {
        this.work = work;
        this.reply = reply;
        this.onTold = () -> onTold.accept(this);
        this.thread = Thread.ofVirtual().name("probe").unstarted(this::run);
    }

    void start(Alarms alarms, Duration timeout) {
        alarm = alarms.in(timeout, this::overdue);
        thread.start();
    }

    /// From now on the failure is `words` when time runs out.
    void beforeThat(Supplier<String> words) {
        this.words = words;
    }

    private void run() {
        if (told.get()) {
            return;
        }
        try {
            tell(work.perform(this));
        } catch (CheckFailed e) {
            tell(new ProbeReply.Failed(e.words()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // whoever did it has told why
        }
    }

    private void overdue() {
        end(words.get());
    }

    /// Gives up and tells so.
    void cancel() {
        end("context canceled");
    }

    private void end(String message) {
        tell(new ProbeReply.Failed(message));
        thread.interrupt();
    }

    private void tell(ProbeReply what) {
        if (told.compareAndSet(false, true)) {
            alarm.close();
            onTold.run();
            reply.accept(what);
        }
    }
}
