// SPDX-License-Identifier: Apache-2.0
package dev.coracle.disk;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whole directories.
public final class Trees {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");
    private static final int OCTAL = 8;

    private Trees() {}

    /// The mount points at or below `root`, in the order in which they can be unmounted: the
    /// deepest first, of two at one place the later one. None where there is no `root`.
    public static List<Path> mountsIn(Path root) throws IOException {
        if (!exists(root)) {
            return List.of();
        }
        var real = root.toRealPath();
        return mountPoints(Files.readString(MOUNTS)).reversed().stream()
                .filter(point -> point.startsWith(real))
                .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
                .toList();
    }

    /// The fifth field of each line, in which blanks are written as `\040`.
    ///
    /// <https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html>
    static List<Path> mountPoints(String mountinfo) {
        return mountinfo.lines().map(line -> Path.of(unescaped(line.split(" ")[4]))).toList();
    }

    private static String unescaped(String field) {
        return ESCAPED.matcher(field)
                .replaceAll(
                        code -> {
                            int character = Integer.parseInt(code.group(1), OCTAL);
                            return Matcher.quoteReplacement(Character.toString(character));
                        });
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /// Deletes `root` and everything below; symbolic links are deleted, not followed. What is
    /// already gone is no error.
    ///
    /// @throws IOException before anything is deleted, if something is mounted below: what is
    ///     mounted may be somebody else's
    public static void delete(Path root) throws IOException {
        if (!exists(root)) {
            return;
        }
        var mounts = mountsIn(root);
        if (!mounts.isEmpty()) {
            throw new IOException(
                    "%s is not removed: %s is still mounted".formatted(root, mounts.getFirst()));
        }
        Files.walkFileTree(root, new Deletion());
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
