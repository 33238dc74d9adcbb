// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Finds the process of a container among those of this machine.
final class ContainerProcess {
    private ContainerProcess() {}

    /// The process whose control group is named after the container.
    ///
    /// @throws IOException if there is none
    static ProcessHandle of(String containerId) throws IOException {
        for (var process : ProcessHandle.allProcesses().toList()) {
            var cgroup = Path.of("/proc", Long.toString(process.pid()), "cgroup");
            if (Files.exists(cgroup) && Files.readString(cgroup).contains(containerId)) {
                return process;
            }
        }
        throw new IOException("no process of container " + containerId);
    }
}
