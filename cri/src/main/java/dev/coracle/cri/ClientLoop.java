// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/// The one thread that reads and writes for gRPC clients.
///
/// It outlives the calls that are under way when this is closed: one that is given up tells the
/// thread so, and without it would end with an error that is none of gRPC's.
final class ClientLoop implements AutoCloseable {
    private final EventLoopGroup group;
    private int underWay;
    private boolean closed;

    ClientLoop(String thread) {
        group =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory(thread, true), NioIoHandler.newFactory());
    }

    EventLoopGroup group() {
        return group;
    }

    /// Says that a call begins, which [#end] has to follow; false, without that, once this is
    /// closed.
    synchronized boolean begin() {
        if (closed) {
            return false;
        }
        underWay++;
        return true;
    }

    synchronized void end() {
        underWay--;
        endIfUnused();
    }

    /// There are no calls from now on. Those under way, which are for others to break off, end
    /// first.
    @Override
    public synchronized void close() {
        closed = true;
        endIfUnused();
    }

    private void endIfUnused() {
        if (closed && underWay == 0) {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
