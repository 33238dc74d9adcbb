// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.net.PacketRules;
import dev.coracle.core.net.PacketRulesException;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.net.RuleTable;
import dev.coracle.core.net.StaleFlows;
import dev.coracle.host.libc.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rules in the kernel, in one table of nftables. A thread of its own talks to the kernel, so that
/// no virtual thread keeps others from running meanwhile.
public final class Nftables implements PacketRules {
    private static final Logger LOG = LoggerFactory.getLogger(Nftables.class);

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("packet rules").factory());
    private final @Nullable Path namespace;
    private final NodeNetwork network;
    private @Nullable NftLibrary library;

    public Nftables(NodeNetwork network) {
        this(null, network);
    }

    /// `namespace` is the network whose rules these are, such as `/run/netns/NAME`; null is that of
    /// the process.
    public Nftables(@Nullable Path namespace, NodeNetwork network) {
        this.namespace = namespace;
        this.network = network;
    }

    /// Checks that there are packet rules on this machine, or may be.
    ///
    /// @throws PacketRulesException if the library is not installed, or this kernel has none
    public void requireLibrary() {
        inThread(() -> library().run("").orThrow());
    }

    @Override
    public RuleTable open() {
        return inThread(this::readOrBegin);
    }

    private RuleTable readOrBegin() {
        var frame = library().run(NftScript.frame(network));
        if (frame.succeeded()) {
            var listing = library().print("list table ip " + network.table()).orThrow();
            try {
                return NftListing.read(JsonReader.parseObject(listing.output()), network);
            } catch (JsonFormatException | IllegalArgumentException e) {
                LOG.warn(
                        "Packet rules were not as we left them ({}): starting anew",
                        e.getMessage());
            }
        } else {
            LOG.warn("Packet rules were not ours ({}): starting anew", frame.firstLine());
        }
        library().run(NftScript.removal(network) + NftScript.frame(network)).orThrow();
        return RuleTable.EMPTY;
    }

    @Override
    public void apply(RuleChanges changes) {
        if (!changes.isEmpty()) {
            var script = NftScript.changes(network, changes);
            inThread(() -> library().run(script).orThrow());
        }
    }

    @Override
    public void forget(StaleFlows flows) {
        if (!flows.isEmpty()) {
            inThread(
                    () -> {
                        forgetFlows(flows);
                        return flows;
                    });
        }
    }

    private static void forgetFlows(StaleFlows flows) {
        try {
            Flows.forget(flow -> flows.stale(flow, isOurs(flow.destination().ip())));
        } catch (IOException e) {
            throw new PacketRulesException("flows of UDP cannot be forgotten", e);
        }
    }

    private static boolean isOurs(String ip) {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.ofLiteral(ip)) != null;
        } catch (SocketException e) {
            throw new PacketRulesException("the node's addresses cannot be read", e);
        }
    }

    @Override
    public void removeAll() {
        inThread(() -> library().run(NftScript.removal(network)).orThrow());
    }

    private NftLibrary library() {
        if (library == null) {
            try {
                if (namespace != null) {
                    NetworkNamespace.enter(namespace);
                }
            } catch (IOException e) {
                throw new PacketRulesException("there is no such network", e);
            }
            library = NftLibrary.open();
        }
        return library;
    }

    private <T> T inThread(Callable<T> work) {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PacketRulesException why) {
                throw why;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PacketRulesException("interrupted while rules were written", e);
        }
    }
}
