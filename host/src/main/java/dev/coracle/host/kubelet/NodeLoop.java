// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.kubelet;

import dev.coracle.core.api.Api.WriteOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.event.EventRequest;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.NodeStatus;
import dev.coracle.core.kubelet.NodeStatus.Input;
import dev.coracle.core.kubelet.NodeStatus.Output;
import dev.coracle.core.registry.Registry;
import dev.coracle.host.loop.Alarms;
import dev.coracle.host.loop.Follower;
import dev.coracle.host.loop.Mailbox;
import dev.coracle.host.loop.Workers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the [NodeStatus] of one node: registers it, checks its health, writes what it says.
public final class NodeLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLoop.class);
    private static final Duration CHECK = Duration.ofSeconds(10);
    private static final String MANAGER = "kubelet";
    private static final String LEASE_NAMESPACE = "kube-node-lease";

    private final Parts parts;
    private final Workers workers;
    private final ObjectKey key;
    private final Follower follower;
    private final Mailbox<Input, Output> mailbox;

    /// `health` is asked every ten seconds, on a thread of its own.
    public record Parts(
            NodeStatus machine,
            String nodeName,
            Supplier<NodeStatus.Health> health,
            Registry registry,
            ResourceType nodes,
            ResourceType leases,
            Consumer<EventRequest> events,
            Alarms alarms,
            InstantSource clock,
            Consumer<Throwable> onCrash) {}

    public NodeLoop(Parts parts) {
        this.parts = parts;
        this.workers = new Workers(parts.onCrash());
        this.key = new ObjectKey("", parts.nodeName());
        this.follower =
                new Follower(parts.registry(), parts.nodes(), "metadata.name=" + parts.nodeName());
        this.mailbox = new Mailbox<>(parts.machine(), this::carryOut, parts.clock());
    }

    public void start() {
        var known = follower.list();
        mailbox.tell(new Input.Seen(known.isEmpty() ? null : known.getFirst()));
        mailbox.start("node status", workers);
        workers.follow("node watch", follower, new Tell());
        parts.alarms().in(CHECK, this::check);
    }

    private void check() {
        workers.run(
                "node health",
                () -> {
                    mailbox.tell(new Input.Checked(parts.health().get()));
                    parts.alarms().in(CHECK, this::check);
                });
    }

    private final class Tell implements Follower.Listener {
        @Override
        public void changed(JsonObject node) {
            mailbox.tell(new Input.Seen(node));
        }

        @Override
        public void deleted(ObjectKey gone, String uid) {
            mailbox.tell(new Input.Seen(null));
        }
    }

    private void carryOut(Output output, Consumer<Input> tell) {
        try {
            switch (output) {
                case Output.CreateNode(var node) -> create(node, tell);
                case Output.UpdateNode(var node) ->
                        registry().update(parts.nodes(), key, "", node, options());
                case Output.WriteStatus(_, var status) -> writeStatus(status);
                case Output.RenewLease(var lease) -> renew(lease);
                case Output.RecordEvent(var name, var type, var reason, var message) ->
                        parts.events().accept(event(name, type, reason, message));
                case Output.WakeAt(var at) ->
                        parts.alarms().at(at, () -> tell.accept(new Input.Tick()));
            }
        } catch (ApiException e) {
            // the watch shows the newer object, and the machine looks again
            LOG.info("node {}: {}", key.name(), e.getMessage());
        }
    }

    private void create(JsonObject node, Consumer<Input> tell) {
        try {
            tell.accept(new Input.Seen(registry().create(parts.nodes(), "", node, options())));
        } catch (ApiException e) {
            if (!e.is(Status.Reason.ALREADY_EXISTS)) {
                throw e;
            }
            tell.accept(new Input.Seen(registry().get(parts.nodes(), key)));
        }
    }

    private void writeStatus(JsonObject status) {
        while (true) {
            try {
                var node = registry().get(parts.nodes(), key);
                registry()
                        .update(
                                parts.nodes(),
                                key,
                                "status",
                                node.with("status", status),
                                options());
                return;
            } catch (ApiException e) {
                if (!e.is(Status.Reason.CONFLICT)) {
                    throw e;
                }
            }
        }
    }

    private void renew(JsonObject lease) {
        var leaseKey = new ObjectKey(LEASE_NAMESPACE, key.name());
        try {
            var known = registry().get(parts.leases(), leaseKey);
            registry()
                    .update(
                            parts.leases(),
                            leaseKey,
                            "",
                            known.with("spec", lease.object("spec")),
                            options());
        } catch (ApiException e) {
            if (!e.is(Status.Reason.NOT_FOUND)) {
                throw e;
            }
            registry().create(parts.leases(), LEASE_NAMESPACE, lease, options());
        }
    }

    private static EventRequest event(String name, String type, String reason, String message) {
        // upstream's kubelet refers to its node by name even where a uid belongs
        var node = new EventRequest.Reference("v1", "Node", "", name, name, "", "");
        return new EventRequest(node, type, reason, message, MANAGER, name);
    }

    private Registry registry() {
        return parts.registry();
    }

    private static WriteOptions options() {
        return WriteOptions.by(MANAGER);
    }

    @Override
    public void close() {
        workers.close();
    }
}
