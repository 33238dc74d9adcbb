// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet.volume;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One volume of a pod, as it must be found on the node before containers start.
///
/// <https://kubernetes.io/docs/concepts/storage/volumes/>
public sealed interface Volume {

    String name();

    /// A directory that lives as long as the pod; `memory`: a tmpfs of at most `sizeLimitBytes`.
    record EmptyDir(String name, boolean memory, @Nullable Long sizeLimitBytes) implements Volume {}

    /// Files made from API objects, replaced all at once when they change. `plugin` is upstream's
    /// directory name for the source: `projected`, `configmap`, `secret`, `downward-api`.
    record Files(String name, String plugin, List<File> files) implements Volume {
        public Files {
            files = List.copyOf(files);
        }
    }

    /// A path of the node; `type` is the check to make (`Directory`, `FileOrCreate`, …) or empty.
    record HostPath(String name, String path, String type) implements Volume {}

    /// What it is made from is not there yet; `message` is what the FailedMount event says.
    record Missing(String name, String message) implements Volume {}

    /// Coracle has no such volume source; `source` is its field name.
    record Unsupported(String name, String source) implements Volume {}

    /// A file under the volume: `path` relative, `mode` its permission bits.
    record File(String path, int mode, Content content) {}

    /// What a file holds.
    sealed interface Content {
        record Bytes(byte[] bytes) implements Content {
            @Override
            public boolean equals(@Nullable Object other) {
                return other instanceof Bytes that && java.util.Arrays.equals(bytes, that.bytes);
            }

            @Override
            public int hashCode() {
                return java.util.Arrays.hashCode(bytes);
            }
        }

        /// A bound service-account token, renewed by the host before it expires.
        record Token(String audience, long expirationSeconds) implements Content {}
    }
}
