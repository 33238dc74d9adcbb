// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import dev.coracle.core.view.Container.PullPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// The way of one container to its start: image, files, create, start. Each step that fails says
/// so in events, leaves a reason for the status, and ends the way.
///
/// <https://kubernetes.io/docs/concepts/containers/images/#updating-images>
final class ContainerStart {
    private final PodMachine machine;
    private final Surroundings around;
    private final Container container;
    private final int attempt;
    private final RuntimeReply.SandboxStatus sandbox;
    private final Map<String, String> volumes;
    private final Runnable next;

    /// `next` is run when the container has started or cannot be started now.
    ContainerStart(
            PodMachine machine,
            Surroundings around,
            Container container,
            int attempt,
            RuntimeReply.SandboxStatus sandbox,
            Map<String, String> volumes,
            Runnable next) {
        this.machine = machine;
        this.around = around;
        this.container = container;
        this.attempt = attempt;
        this.sandbox = sandbox;
        this.volumes = volumes;
        this.next = next;
    }

    void begin() {
        abandonable(
                around.outbox()
                        .call(
                                new RuntimeCall.ImageStatus(container.image()),
                                reply -> {
                                    machine.mayNotAbandon();
                                    imageKnown(reply);
                                }));
    }

    private void abandonable(long callId) {
        machine.mayAbandon(() -> around.outbox().abandon(callId));
    }

    private void imageKnown(RuntimeReply reply) {
        switch (reply) {
            case RuntimeReply.Image image when container.pullPolicy() != PullPolicy.ALWAYS -> {
                event(
                        "Normal",
                        "Pulled",
                        "Container image \""
                                + container.image()
                                + "\" already present on machine and can be accessed by the pod");
                create(image);
            }
            case RuntimeReply.ImageAbsent _ when container.pullPolicy() == PullPolicy.NEVER ->
                    neverPull();
            case RuntimeReply.Image _, RuntimeReply.ImageAbsent _ -> pull();
            case RuntimeReply.Failed failed -> {
                var message =
                        "Failed to inspect image \""
                                + container.image()
                                + "\": "
                                + failed.message();
                event("Warning", "InspectFailed", message);
                notStarted("ImageInspectError", message, machine.later());
            }
            default -> throw PodMachine.unexpected("ImageStatus", reply);
        }
    }

    private void neverPull() {
        var message =
                "Container image \""
                        + container.image()
                        + "\" is not present with pull policy of Never";
        event("Warning", "ErrImageNeverPull", message);
        event("Warning", "Failed", "Error: ErrImageNeverPull");
        notStarted("ErrImageNeverPull", message, machine.later());
    }

    private void pull() {
        var image = container.image();
        var pulls = machine.pulls();
        var failure = pulls.lastFailure(image);
        if (failure != null && around.outbox().now().isBefore(failure.retryAt())) {
            var message = "Back-off pulling image \"" + image + "\"";
            event("Normal", "BackOff", message);
            event("Warning", "Failed", "Error: ImagePullBackOff");
            notStarted(
                    "ImagePullBackOff",
                    message + ": ErrImagePull: " + failure.message(),
                    failure.retryAt());
            return;
        }
        event("Normal", "Pulling", "Pulling image \"" + image + "\"");
        var since = around.outbox().now();
        var pod = machine.pod();
        abandonable(
                around.outbox()
                        .call(
                                new RuntimeCall.PullImage(
                                        image,
                                        PullSecrets.of(pod, image, around.lookup()),
                                        SandboxSpecs.of(pod, sandbox.attempt(), around.config())),
                                reply -> {
                                    machine.mayNotAbandon();
                                    pulled(reply, since);
                                }));
    }

    private void pulled(RuntimeReply reply, Instant since) {
        var name = container.image();
        switch (reply) {
            case RuntimeReply.Image image -> {
                machine.pulls().succeeded(name);
                var time = GoDuration.text(Duration.between(since, around.outbox().now()));
                event(
                        "Normal",
                        "Pulled",
                        "Successfully pulled image \""
                                + name
                                + "\" in "
                                + time
                                + " ("
                                + time
                                + " including waiting). Image size: "
                                + image.sizeBytes()
                                + " bytes.");
                create(image);
            }
            case RuntimeReply.Failed failed -> {
                event(
                        "Warning",
                        "Failed",
                        "Failed to pull image \"" + name + "\": " + failed.message());
                event("Warning", "Failed", "Error: ErrImagePull");
                machine.pulls().failed(name, failed.message(), around.outbox().now());
                notStarted("ErrImagePull", failed.message(), machine.soon());
            }
            default -> throw PodMachine.unexpected("PullImage", reply);
        }
    }

    private void create(RuntimeReply.Image image) {
        if (!machine.live()) {
            next.run();
            return;
        }
        var specs =
                new ContainerSpecs(machine.pod(), ips(), volumes, around.config(), around.lookup());
        ContainerSpec spec;
        try {
            spec = specs.of(container, attempt, image);
        } catch (ConfigException e) {
            failed("CreateContainerConfigError", e.reason());
            return;
        }
        around.outbox()
                .write(
                        machine.pod().uid(),
                        specs.files(container, attempt),
                        reply -> {
                            if (reply instanceof RuntimeReply.Failed(_, var message)) {
                                failed("CreateContainerError", message);
                            } else {
                                create(spec);
                            }
                        });
    }

    private List<String> ips() {
        return machine.pod().hostNetwork() ? List.of(around.config().nodeIp()) : sandbox.ips();
    }

    private void create(ContainerSpec spec) {
        if (!machine.live()) {
            next.run();
            return;
        }
        var sandboxSpec = SandboxSpecs.of(machine.pod(), sandbox.attempt(), around.config());
        around.outbox()
                .call(
                        new RuntimeCall.CreateContainer(sandbox.id(), sandboxSpec, spec),
                        reply -> {
                            machine.suspect();
                            switch (reply) {
                                case RuntimeReply.ContainerCreated(var id) -> start(id);
                                case RuntimeReply.Failed(_, var message) ->
                                        failed("CreateContainerError", message);
                                default -> throw PodMachine.unexpected("CreateContainer", reply);
                            }
                        });
    }

    private void start(String id) {
        event("Normal", "Created", "Container created");
        if (!machine.live()) {
            next.run();
            return;
        }
        around.outbox()
                .call(
                        new RuntimeCall.StartContainer(id),
                        reply -> {
                            if (reply instanceof RuntimeReply.Failed(_, var message)) {
                                failed("RunContainerError", message);
                            } else {
                                event("Normal", "Started", "Container started");
                                postStart(id);
                            }
                        });
    }

    /// The container does not count as running until its postStart hook has succeeded.
    ///
    /// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
    private void postStart(String id) {
        var postStart = container.tree().object("lifecycle").object("postStart");
        if (postStart.isEmpty() || !machine.live()) {
            machine.started(container.name());
            next.run();
            return;
        }
        var hook =
                new Hook(
                        machine,
                        around.outbox(),
                        container,
                        id,
                        failure -> {
                            machine.mayNotAbandon();
                            hookEnded(id, failure);
                        });
        machine.mayAbandon(hook::cancel);
        hook.run(Handler.of(postStart));
    }

    private void hookEnded(String id, String failure) {
        if (failure.isEmpty()) {
            machine.started(container.name());
            next.run();
            return;
        }
        event("Warning", "FailedPostStartHook", "PostStartHook failed");
        var stop =
                new PodAction.StopContainer(
                        container.name(),
                        id,
                        machine.pod().terminationGrace(),
                        "FailedPostStartHook",
                        List.of(),
                        false);
        machine.stop(List.of(stop), _ -> notStarted("PostStartHookError", failure, machine.soon()));
    }

    private void failed(String reason, String message) {
        event("Warning", "Failed", "Error: " + message);
        notStarted(reason, message, machine.later());
    }

    private void notStarted(String reason, String message, Instant retry) {
        machine.notStarted(container.name(), reason, message, retry);
        machine.suspect();
        next.run();
    }

    private void event(String type, String reason, String message) {
        machine.event(container.fieldPath(), type, reason, message);
    }
}
