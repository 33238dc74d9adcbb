// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.RunningNode.PullProgress;
import dev.coracle.core.kubelet.ContainerRuntime;
import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.cri.CriRuntime;
import dev.coracle.cri.Images;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The runtime, with somebody watching how far pulls have come.
///
/// Downloads are not marked with the image they are for, so progress is told only while a single
/// image is being pulled.
final class PullWatch implements ContainerRuntime {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final CriRuntime runtime;
    private final Set<String> pulling = ConcurrentHashMap.newKeySet();
    private final List<Consumer<PullProgress>> sinks = new CopyOnWriteArrayList<>();

    PullWatch(CriRuntime runtime) {
        this.runtime = runtime;
    }

    void onPull(Consumer<PullProgress> sink) {
        sinks.add(sink);
    }

    @Override
    public void perform(RuntimeCall call, Consumer<RuntimeReply> reply) {
        if (call instanceof RuntimeCall.PullImage pull && !sinks.isEmpty()) {
            pulling.add(pull.image());
            var looking = Thread.ofVirtual().name("pull progress").start(() -> look(pull.image()));
            runtime.perform(
                    call,
                    answer -> {
                        pulling.remove(pull.image());
                        looking.interrupt();
                        reply.accept(answer);
                    });
        } else {
            runtime.perform(call, reply);
        }
    }

    private void look(String image) {
        try {
            while (pulling.contains(image)) {
                Thread.sleep(LOOK);
                if (pulling.size() == 1) {
                    tell(image, runtime.images().downloads());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it is done
        } catch (StatusRuntimeException _) {
            // a runtime that has no such service: the pull goes on unwatched
        }
    }

    private void tell(String image, List<Images.Download> downloads) {
        long done = downloads.stream().mapToLong(Images.Download::doneBytes).sum();
        long total = downloads.stream().mapToLong(Images.Download::totalBytes).sum();
        if (total > 0) {
            sinks.forEach(sink -> sink.accept(new PullProgress(image, done, total)));
        }
    }

    @Override
    public AutoCloseable watch(Consumer<RuntimeEvent> sink) {
        return runtime.watch(sink);
    }

    /// Leaves the runtime open: who opened it closes it.
    @Override
    public void close() {
        sinks.clear();
    }
}
