// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = {
            "Start a node and keep it running.",
            "Its containers outlive the process, and the next start adopts them; coracle down ends"
                    + " them."
        },
        footer = {
            "",
            "Example:",
            "  coracle up --detach",
            "  export KUBECONFIG=/var/lib/coracle/kubeconfig",
            "  kubectl get nodes"
        })
final class UpCommand extends Cli.Verb {
    private static final String CONTAINERS_GO_ON =
            "containers go on; coracle up adopts them, coracle down ends them";

    private final NodeStarter starter;

    @Mixin private NodeOptions options = new NodeOptions();

    @Option(
            names = "--detach",
            description = "Return once the node answers; it goes on in the background.")
    private boolean detach;

    UpCommand(NodeStarter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws Exception {
        var config = options.lasting();
        LocalMachine.needRoot("coracle up");
        Prerequisites.ensure(config, this::say);
        if (detach) {
            Detached.start(config.files(), this::say);
            out().println(config.files().kubeconfig());
            return 0;
        }
        try (var _ = config.files().occupy()) {
            return serve(config);
        }
    }

    private int serve(NodeConfig config) throws Exception {
        var ends = new LinkedBlockingQueue<End>();
        try (var _ = new Signals(() -> ends.add(new End(null)))) {
            var node = starter.start(config, this::say);
            NodeEnd.watch(node, crash -> ends.add(new End(crash)));
            try {
                config.files().markReady(node.address());
            } catch (IOException e) {
                node.close();
                throw e;
            }
            say("node %s is up at %s".formatted(node.name(), node.address()));
            say("export KUBECONFIG=" + config.files().kubeconfig());
            return end(config, node, ends);
        }
    }

    private int end(NodeConfig config, RunningNode node, LinkedBlockingQueue<End> ends)
            throws Exception {
        var crash = ends.take().crash();
        if (crash != null) {
            node.close();
            throw NodeEnd.because(crash, CONTAINERS_GO_ON);
        }
        if (!config.files().takeDownRequest()) {
            node.close();
            say(CONTAINERS_GO_ON);
            return 0;
        }
        stopPods(node, ends);
        node.dismantle();
        return 0;
    }

    private void stopPods(RunningNode node, LinkedBlockingQueue<End> ends) throws Exception {
        new PodStop(node, InstantSource.system(), this::say)
                .run(
                        () -> true,
                        patience -> {
                            var end = ends.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
                            if (end != null && end.crash() != null) {
                                node.close();
                                throw NodeEnd.because(end.crash(), CONTAINERS_GO_ON);
                            }
                            return end != null;
                        });
    }

    /// Why the node ends: a signal, or a crash.
    private record End(@Nullable Throwable crash) {}
}
