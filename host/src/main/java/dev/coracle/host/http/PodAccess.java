// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What only the node that runs a pod can give: its log files, and ways into its containers.
///
/// A `URI` is one of the container runtime's streaming server, for one use.
///
/// <https://kubernetes.io/docs/concepts/cluster-administration/logging/>
public interface PodAccess {

    /// Which streams of a process are wanted.
    record Streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}

    /// The log file that the instance `containerId` (as in the pod's status, with its scheme) of
    /// `container` writes or wrote; null when it is not or no longer there.
    @Nullable Path logFile(JsonObject pod, String container, String containerId);

    /// @throws dev.coracle.core.api.ApiException if the runtime refuses
    URI exec(JsonObject pod, String container, List<String> command, Streams streams);

    /// To the main process of a container.
    ///
    /// @throws dev.coracle.core.api.ApiException if the runtime refuses
    URI attach(JsonObject pod, String container, Streams streams);

    /// To what listens in the pod, on its loopback address.
    ///
    /// @throws dev.coracle.core.api.ApiException if the runtime refuses
    URI portForward(JsonObject pod, List<Integer> ports);

    /// A connection to an address of a pod.
    ///
    /// @throws IOException if there is none to be had
    Socket connect(InetSocketAddress address) throws IOException;
}
