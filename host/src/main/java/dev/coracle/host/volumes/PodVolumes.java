// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.volumes;

import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.disk.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The directories of pods under one root, laid out as the kubelet's:
///
/// ```
/// ROOT/UID/volumes/kubernetes.io~empty-dir/NAME/
/// ROOT/UID/volumes/kubernetes.io~projected/NAME/   ca.crt -> ..data/ca.crt
///                                                  ..data -> ..3
///                                                  ..3/ca.crt
/// ```
///
/// Files made from API objects are on a tmpfs (secrets never reach the disk) and are replaced all
/// at once, by renaming the link `..data`, so that a reader sees either all old or all new ones.
/// <https://kubernetes.io/docs/concepts/configuration/secret/#information-security-for-secrets>
public final class PodVolumes {
    private static final String DATA = "..data";

    private final Path root;

    /// `root` is made when the first pod needs it.
    public PodVolumes(Path root) {
        this.root = root;
    }

    /// Gives the token for a file that must hold one.
    public interface Tokens {
        byte[] token(Volume.Content.Token wanted) throws IOException;
    }

    /// The directory of a pod, whether or not it exists.
    public Path directory(String podUid) {
        return root.resolve(podUid);
    }

    /// Makes or renews `volumes` and returns where each is. What exists already is kept:
    /// an emptyDir with its contents, files with equal bytes untouched.
    ///
    /// @throws IOException naming the volume that could not be made; calling again goes on
    public Map<String, Path> prepare(String podUid, List<Volume> volumes, Tokens tokens)
            throws IOException {
        var paths = new LinkedHashMap<String, Path>();
        for (var volume : volumes) {
            paths.put(
                    volume.name(),
                    switch (volume) {
                        case Volume.EmptyDir emptyDir -> emptyDir(podUid, emptyDir);
                        case Volume.Files files -> files(podUid, files, tokens);
                        case Volume.HostPath hostPath -> hostPath(hostPath);
                        case Volume.Missing(_, var message) -> throw new IOException(message);
                        case Volume.Unsupported(var name, var source) ->
                                throw new IOException(
                                        "volume \"%s\": source %s is not supported by Coracle"
                                                .formatted(name, source));
                    });
        }
        return paths;
    }

    private Path emptyDir(String podUid, Volume.EmptyDir volume) throws IOException {
        var path = place(podUid, "empty-dir", volume.name());
        if (Files.isDirectory(path)) {
            return path;
        }
        Files.createDirectories(path);
        if (volume.memory()) {
            var limit = volume.sizeLimitBytes();
            Mounts.tmpfs(path, limit == null ? "mode=0777" : "mode=0777,size=" + limit);
        }
        permit(path, 0777);
        return path;
    }

    private static Path hostPath(Volume.HostPath volume) throws IOException {
        var path = Path.of(volume.path());
        boolean fits =
                switch (volume.type()) {
                    case "" -> true;
                    case "DirectoryOrCreate" -> {
                        Files.createDirectories(path);
                        yield true;
                    }
                    case "FileOrCreate" -> {
                        if (!Files.exists(path)) {
                            Files.createFile(path);
                        }
                        yield Files.isRegularFile(path);
                    }
                    case "Directory" -> Files.isDirectory(path);
                    case "File" -> Files.isRegularFile(path);
                    default -> Files.exists(path); // Socket, CharDevice, BlockDevice
                };
        if (!fits) {
            throw new IOException(
                    "MountVolume.SetUp failed for volume \"%s\" : hostPath type check failed: %s is not a %s"
                            .formatted(volume.name(), path, volume.type()));
        }
        return path;
    }

    private Path files(String podUid, Volume.Files volume, Tokens tokens) throws IOException {
        var path = place(podUid, volume.plugin(), volume.name());
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
            Mounts.tmpfs(path, "mode=0777,size=" + (64 << 20));
        }
        var wanted = new LinkedHashMap<String, Contents>();
        for (var file : volume.files()) {
            var bytes =
                    switch (file.content()) {
                        case Volume.Content.Bytes(var given) -> given;
                        case Volume.Content.Token token -> tokens.token(token);
                    };
            wanted.put(file.path(), new Contents(bytes, file.mode()));
        }
        if (!holds(path, wanted)) {
            replace(path, wanted);
        }
        return path;
    }

    private record Contents(byte[] bytes, int mode) {}

    private static boolean holds(Path volume, Map<String, Contents> wanted) throws IOException {
        var data = volume.resolve(DATA);
        if (!Files.isDirectory(data)) {
            return false;
        }
        for (var entry : wanted.entrySet()) {
            var file = data.resolve(entry.getKey());
            if (!Files.isRegularFile(file)
                    || !Arrays.equals(Files.readAllBytes(file), entry.getValue().bytes())) {
                return false;
            }
        }
        try (var present = Files.walk(data.toRealPath())) {
            return present.filter(Files::isRegularFile).count() == wanted.size();
        }
    }

    private static void replace(Path volume, Map<String, Contents> wanted) throws IOException {
        var generation = Files.createTempDirectory(volume, "..");
        permit(generation, 0755);
        for (var entry : wanted.entrySet()) {
            var file = generation.resolve(entry.getKey()).normalize();
            if (!file.startsWith(generation)) {
                throw new IOException("file path %s leaves its volume".formatted(entry.getKey()));
            }
            Files.createDirectories(file.getParent());
            Files.write(file, entry.getValue().bytes());
            permit(file, entry.getValue().mode());
        }
        var old = volume.resolve(DATA);
        var oldTarget = Files.exists(old, LinkOption.NOFOLLOW_LINKS) ? old.toRealPath() : null;
        var link = volume.resolve("..data_tmp");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, generation.getFileName());
        Files.move(link, old, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        linkNames(volume, wanted.keySet());
        if (oldTarget != null) {
            Trees.delete(oldTarget);
        }
    }

    /// Makes the links that users see, one for each first step of a path, and drops stale ones.
    private static void linkNames(Path volume, Set<String> paths) throws IOException {
        var wanted = new TreeSet<String>();
        paths.forEach(path -> wanted.add(Path.of(path).getName(0).toString()));
        try (var present = Files.list(volume)) {
            for (var entry : present.toList()) {
                var name = entry.getFileName().toString();
                if (!name.startsWith("..") && !wanted.remove(name)) {
                    Files.delete(entry);
                }
            }
        }
        for (var name : wanted) {
            Files.createSymbolicLink(volume.resolve(name), Path.of(DATA, name));
        }
    }

    private Path place(String podUid, String plugin, String name) {
        return directory(podUid).resolve("volumes/kubernetes.io~" + plugin).resolve(name);
    }

    private static void permit(Path path, int mode) throws IOException {
        Files.setPosixFilePermissions(path, permissions(mode));
    }

    /// The permission set of mode bits such as `0644`.
    public static Set<PosixFilePermission> permissions(int mode) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        var all = PosixFilePermission.values(); // owner read … others execute: 0400 … 0001
        for (int i = 0; i < all.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    /// Unmounts and deletes everything of a pod; nothing happens if there is nothing.
    public void remove(String podUid) throws IOException {
        removeAll(directory(podUid));
    }

    /// Unmounts and deletes everything of all pods.
    public void removeAll() throws IOException {
        removeAll(root);
    }

    private static void removeAll(Path directory) throws IOException {
        for (var mount : Trees.mountsIn(directory)) {
            Mounts.detach(mount);
        }
        Trees.delete(directory);
    }
}
