// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// A node that is up, as the commands see it.
interface RunningNode extends AutoCloseable {

    String name();

    /// Where the API answers: `https://127.0.0.1:6443`.
    String address();

    Registry registry();

    /// The file that one attempt of a container writes its output to, in CRI's format. It need not
    /// exist yet.
    Path logFile(JsonObject pod, String container, int attempt);

    /// Tells `sink`, on any thread, how far pulls have come.
    void onPull(Consumer<PullProgress> sink);

    /// Waits until the node has ended by itself, because an invariant broke; returns why.
    Throwable awaitCrash() throws InterruptedException;

    /// Gives the node no more pods: controllers may go on making them, but they wait for a node
    /// until the next start.
    void stopScheduling();

    /// Ends the node and its container runtime, and removes all that they set up on this machine:
    /// containers, mounts, network interfaces, cgroups, packet rules. Data stays.
    void dismantle() throws IOException;

    /// Ends the node; containers live on, for the next start to adopt.
    @Override
    void close();

    /// `totalBytes` is 0 as long as it is not known.
    record PullProgress(String image, long doneBytes, long totalBytes) {}
}
