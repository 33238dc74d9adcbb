// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What CRI has no call for: reading archives and giving names, by containerd's own `ctr`.
public final class ImageImport {
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int NOTICED_WITHIN_POLLS = 1_000;

    private final Path ctr;
    private final Path socket;
    private final String snapshotter;
    private final Images images;

    ImageImport(Path ctr, Path socket, String snapshotter, Images images) {
        this.ctr = ctr;
        this.socket = socket;
        this.snapshotter = snapshotter;
        this.images = images;
    }

    /// Reads an archive as `docker save` writes it, or an OCI one. Returns the names of its images.
    ///
    /// @throws IOException if the file is neither, or cannot be read
    public List<String> load(Path archive) throws IOException, InterruptedException {
        if (!Files.isReadable(archive)) {
            throw new IOException("image archive \"" + archive + "\" cannot be read");
        }
        var result = ctr("import", "--snapshotter", snapshotter, archive.toString());
        if (result.failed()) {
            throw new IOException("image archive \"" + archive + "\": " + result.output().strip());
        }
        var names =
                result.output()
                        .lines()
                        .filter(line -> line.startsWith("unpacking "))
                        .map(line -> line.split(" ", -1)[1])
                        .toList();
        for (var name : names) {
            awaitPresence(name);
        }
        return names;
    }

    /// The CRI part of containerd learns of a new image by an event, a moment later.
    private void awaitPresence(String name) throws IOException, InterruptedException {
        for (int i = 0; i < NOTICED_WITHIN_POLLS; i++) {
            if (images.present(name)) {
                return;
            }
            Thread.sleep(POLL);
        }
        throw new IOException("image \"" + name + "\" was imported but does not show up");
    }

    /// Gives the image `from` the further name `to`, which may be another image's so far.
    ///
    /// @throws IOException if there is no such image, or the name is none
    public void tag(String from, String to) throws IOException, InterruptedException {
        ctr("tag", "--force", present(from), canonical(to)).orThrow();
        awaitPresence(to);
    }

    /// Takes one name away from an image; with the last one goes the image.
    ///
    /// @throws IOException if there is no such name
    public void untag(String name) throws IOException, InterruptedException {
        ctr("remove", "--sync", present(name)).orThrow();
        for (int i = 0; i < NOTICED_WITHIN_POLLS && images.present(name); i++) {
            Thread.sleep(POLL);
        }
    }

    /// The canonical form of a name that an image has.
    private String present(String name) throws IOException {
        if (!images.present(name)) {
            throw new IOException("there is no image \"" + name + "\"");
        }
        return canonical(name);
    }

    /// A name as containerd keeps it: `busybox` is `docker.io/library/busybox:latest`.
    ///
    /// <https://kubernetes.io/docs/concepts/containers/images/#image-names>
    static String canonical(String name) {
        int slash = name.indexOf('/');
        var first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasRegistry =
                first.contains(".") || first.contains(":") || first.equals("localhost");
        var path = slash < 0 ? "library/" + name : name;
        var whole = hasRegistry ? name : "docker.io/" + path;
        boolean hasVersion =
                whole.contains("@") || whole.indexOf(':', whole.lastIndexOf('/') + 1) >= 0;
        return hasVersion ? whole : whole + ":latest";
    }

    private Command.Result ctr(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.addAll(
                List.of(
                        ctr.toString(),
                        "--address",
                        socket.toString(),
                        "--namespace",
                        CriRuntime.CONTAINERD_NAMESPACE,
                        "images"));
        command.addAll(List.of(arguments));
        return Command.run(command.toArray(String[]::new));
    }
}
