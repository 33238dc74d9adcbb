// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesException;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.Withdrawal;
import dev.coracle.core.registry.Registry;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Follower;
import dev.coracle.host.loop.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps packet rules as services, endpoint slices and pods say: the job of kube-proxy. Once they
/// are written, load balancers are told.
///
/// Whatever changes while rules are being written is part of the next change set. When rules cannot
/// be written, everything is compared and written again after a second. Everything is compared once
/// a minute, too: other programs empty the kernel's tables, a firewall that is loaded anew for
/// instance.
///
/// <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/>
public final class RulesLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RulesLoop.class);
    private static final Duration COMPARE = Duration.ofMinutes(1);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    /// A kernel that is this slow holds no object back any longer.
    private static final Duration LONGEST_WITHDRAWAL = Duration.ofSeconds(1);

    private final Parts parts;
    private final Workers workers;
    private final RuleBook book;

    /// What the book is yet to be told, in order. Guarded by itself, as is `comparison`.
    private final List<Runnable> news = new ArrayList<>();

    private boolean comparison;

    /// Who waits for what the book was told last. Of the worker alone.
    private final List<CompletableFuture<?>> waiting = new ArrayList<>();

    private volatile boolean closed;

    /// What is in the kernel as far as we know.
    private RuleTable applied = RuleTable.EMPTY;

    private boolean complained;
    private Alarms.Alarm planned = () -> {};

    /// What it stands between. `hostPorts` is false where the container runtime sees to them.
    public record Parts(
            PacketRules rules,
            HealthPorts health,
            RuleBook.Node node,
            Registry registry,
            ResourceType services,
            ResourceType endpointSlices,
            ResourceType pods,
            boolean hostPorts,
            Alarms alarms,
            Consumer<Throwable> onCrash) {}

    public RulesLoop(Parts parts) {
        this.parts = parts;
        this.workers = new Workers(parts.onCrash());
        this.book = new RuleBook(parts.node());
    }

    /// Writes what is known now, or says that it cannot, and goes on with what changes.
    public void start() {
        follow(parts.services(), "", book::service, book::serviceGone);
        follow(parts.endpointSlices(), "", book::slice, book::sliceGone);
        if (parts.hostPorts()) {
            var here = "spec.nodeName=" + parts.node().name();
            follow(parts.pods(), here, book::pod, book::podGone);
        }
        takeNews();
        compare();
        workers.keep("packet rules", this::work);
    }

    /// Takes the place of what was planned before.
    private void compareIn(Duration delay) {
        planned.close();
        planned = parts.alarms().in(delay, this::askForComparison);
    }

    private void follow(
            ResourceType type,
            String fieldSelector,
            Consumer<JsonObject> changed,
            Consumer<ObjectKey> gone) {
        var follower = new Follower(parts.registry(), type, fieldSelector);
        follower.list().forEach(changed);
        var listener = new Told(changed, gone);
        workers.follow("packet rules watch " + type.plural(), follower, listener);
    }

    private final class Told implements Follower.Listener {
        private final Consumer<JsonObject> changed;
        private final Consumer<ObjectKey> gone;

        Told(Consumer<JsonObject> changed, Consumer<ObjectKey> gone) {
            this.changed = changed;
            this.gone = gone;
        }

        @Override
        public void changed(JsonObject object) {
            tell(() -> changed.accept(object));
        }

        @Override
        public void deleted(ObjectKey key, String uid) {
            tell(() -> gone.accept(key));
        }
    }

    private void tell(Runnable change) {
        synchronized (news) {
            news.add(change);
            news.notifyAll();
        }
    }

    private void askForComparison() {
        synchronized (news) {
            comparison = true;
            news.notifyAll();
        }
    }

    /// Returns once no new connection is sent to what `withdrawal` takes away, or the kernel could
    /// not be told so, or takes too long. What follows is that it is written, or a [#restore].
    void withdraw(Withdrawal withdrawal) {
        var done = new CompletableFuture<@Nullable Void>();
        tell(
                () -> {
                    book.withdraw(withdrawal);
                    waiting.add(done);
                });
        if (!closed) {
            done.completeOnTimeout(null, LONGEST_WITHDRAWAL.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    /// `withdrawal` has not been written.
    void restore(Withdrawal withdrawal) {
        tell(() -> book.restore(withdrawal));
    }

    private void work() throws InterruptedException {
        while (!Thread.currentThread().isInterrupted()) {
            if (awaitNews()) {
                compare();
            } else {
                update();
            }
            letGo();
        }
    }

    private void letGo() {
        waiting.forEach(it -> it.complete(null));
        waiting.clear();
    }

    /// Waits for something to do. Returns whether everything is to be compared.
    private boolean awaitNews() throws InterruptedException {
        synchronized (news) {
            while (news.isEmpty() && !comparison) {
                news.wait();
            }
        }
        takeNews();
        synchronized (news) {
            boolean asked = comparison;
            comparison = false;
            return asked;
        }
    }

    private void takeNews() {
        List<Runnable> taken;
        synchronized (news) {
            taken = List.copyOf(news);
            news.clear();
        }
        taken.forEach(Runnable::run);
    }

    private void compare() {
        compareIn(COMPARE);
        trying(
                () -> {
                    applied = parts.rules().open();
                    write();
                });
    }

    private void update() {
        trying(this::write);
    }

    private void write() {
        var wanted = book.table();
        var changes = RuleChanges.between(applied, wanted);
        parts.rules().apply(changes);
        applied = wanted;
        parts.health().update(book.healthPorts());
        parts.rules().forget(changes.staleFlows());
    }

    private void trying(Runnable step) {
        try {
            step.run();
            complained = false;
        } catch (PacketRulesException e) {
            if (Thread.currentThread().isInterrupted()) {
                return; // closed meanwhile
            }
            parts.health().rulesFail();
            if (!complained) {
                LOG.warn("Packet rules are not as they should be: {}", e.getMessage());
                complained = true;
            }
            compareIn(AFTER_FAILURE);
        }
    }

    /// Stops following; rules stay as they are.
    @Override
    public void close() {
        closed = true;
        workers.close();
        takeNews();
        letGo();
    }
}
