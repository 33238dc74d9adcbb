// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Makes nodes: the one door between the command line and everything that runs.
interface NodeStarter {

    /// Starts a node and returns once its API server answers and pods can be created. `say` is
    /// told, in sentences, what takes time or changes the machine.
    ///
    /// @throws IOException if the data directory, the port or the container runtime cannot be had;
    ///     the message is for the user
    RunningNode start(NodeConfig config, Consumer<String> say) throws IOException;

    /// The images of the node in `dataDirectory`, whether or not a process is it now.
    ///
    /// @throws IOException if the container runtime cannot be reached or started
    ImageStore images(Path dataDirectory, Consumer<String> say) throws IOException;

    /// Removes what a node that died left on this machine: containers, their runtime, mounts,
    /// network interfaces, cgroups, packet rules. Data stays. Nothing to do is fine.
    void sweep(Path dataDirectory, Consumer<String> say) throws IOException;

    /// Walks through a node's start and a pod's life in memory, touching neither machine nor
    /// network beyond a loopback port: what the start-up cache is trained with.
    void rehearse(Path scratch) throws IOException;
}
