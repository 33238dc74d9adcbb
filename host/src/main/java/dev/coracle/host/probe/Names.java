// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Looks up host names.
///
/// The system's resolver can hang for many seconds and cannot be interrupted; on a virtual thread
/// it would take a carrier thread away from everybody. So each name that is being looked up has a
/// platform thread, and whoever else wants it waits for the same.
final class Names {
    private final ConcurrentMap<String, FutureTask<InetAddress[]>> underWay =
            new ConcurrentHashMap<>();

    /// The addresses of `host`, at least one; a literal address is its own.
    InetAddress[] lookup(String host) throws UnknownHostException, InterruptedException {
        try {
            return new InetAddress[] {InetAddress.ofLiteral(host)};
        } catch (IllegalArgumentException _) {
            return ask(host);
        }
    }

    private InetAddress[] ask(String host) throws UnknownHostException, InterruptedException {
        try {
            return underWay.computeIfAbsent(host, this::begin).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException unknown) {
                throw unknown;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private FutureTask<InetAddress[]> begin(String host) {
        var task =
                new FutureTask<>(
                        () -> {
                            try {
                                return InetAddress.getAllByName(host);
                            } finally {
                                underWay.remove(host);
                            }
                        });
        Thread.ofPlatform().daemon().name("probe name").start(task);
        return task;
    }
}
