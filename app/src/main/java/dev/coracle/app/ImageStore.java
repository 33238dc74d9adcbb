// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.RunningNode.PullProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The images that a node holds.
interface ImageStore extends AutoCloseable {

    /// `id` is the digest of the image's configuration; `names` all names it goes by.
    record Image(String id, List<String> names, long sizeBytes) {
        public Image {
            names = List.copyOf(names);
        }
    }

    /// Every image, ordered by its first name.
    List<Image> list() throws IOException;

    Image pull(String name, Consumer<PullProgress> progress) throws IOException;

    /// Imports a docker or OCI archive and returns the names of the images it held.
    List<String> importArchive(Path archive) throws IOException;

    void tag(String source, String target) throws IOException;

    void remove(String name) throws IOException;

    /// @throws IOException if what was started for this cannot be stopped again
    @Override
    void close() throws IOException;
}
