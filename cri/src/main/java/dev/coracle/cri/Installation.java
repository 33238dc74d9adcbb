// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The programs that a private containerd is made of, found on this machine.
///
/// `cniDirectory` holds the CNI plug-ins; `nft` is null where nftables is not installed.
public record Installation(Path containerd, Path ctr, Path cniDirectory, @Nullable Path nft) {
    private static final List<Path> CNI_DIRECTORIES =
            List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"), Path.of("/usr/libexec/cni"));
    private static final List<String> SYSTEM_DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    /// Looks through `searchPath` (the value of PATH) and the usual system directories.
    ///
    /// @throws IOException naming everything that is missing
    public static Installation find(String searchPath) throws IOException {
        var missing = new ArrayList<String>();
        var containerd = program("containerd", searchPath, missing);
        var ctr = program("ctr", searchPath, missing);
        program("containerd-shim-runc-v2", searchPath, missing);
        program("runc", searchPath, missing);
        var cni = findCniDirectory();
        if (cni == null) {
            missing.add("the CNI plug-ins bridge, host-local and loopback");
        }
        if (containerd == null || ctr == null || cni == null || !missing.isEmpty()) {
            throw new IOException(
                    "not installed: "
                            + String.join(", ", missing)
                            + " (on Debian and Ubuntu: packages containerd, runc and"
                            + " containernetworking-plugins)");
        }
        return new Installation(containerd, ctr, cni, nft(searchPath));
    }

    /// The program that writes packet rules, null where nftables is not installed.
    private static @Nullable Path nft(String searchPath) {
        return program("nft", searchPath, new ArrayList<>());
    }

    private static @Nullable Path program(String name, String searchPath, List<String> missing) {
        var directories = new ArrayList<>(List.of(searchPath.split(":", -1)));
        directories.addAll(SYSTEM_DIRECTORIES);
        for (var directory : directories) {
            var candidate = Path.of(directory, name);
            if (!directory.isEmpty() && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        missing.add(name);
        return null;
    }

    private static @Nullable Path findCniDirectory() {
        for (var directory : CNI_DIRECTORIES) {
            if (List.of("bridge", "host-local", "loopback").stream()
                    .allMatch(plugin -> Files.isExecutable(directory.resolve(plugin)))) {
                return directory;
            }
        }
        return null;
    }
}
