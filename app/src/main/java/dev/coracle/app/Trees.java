// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whole directories.
final class Trees {

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    private Trees() {}

    /// The fifth field of each line, in which blanks are written as `\040`.
    ///
    /// <https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html>
    static List<Path> mountPoints(String mountinfo) {
        return mountinfo
                .lines()
                .map(line -> line.split(" ")[4])
                .map(
                        field ->
                                ESCAPED.matcher(field)
                                        .replaceAll(
                                                code ->
                                                        Matcher.quoteReplacement(
                                                                Character.toString(
                                                                        Integer.parseInt(
                                                                                code.group(1),
                                                                                8)))))
                .map(Path::of)
                .toList();
    }

    /// Deletes `root` and everything below; symbolic links are deleted, not followed. What is
    /// already gone is no error.
    ///
    /// @throws IOException before anything is deleted, if something is mounted below: what is
    ///     mounted may be somebody else's
    static void delete(Path root) throws IOException {
        for (var mount : mountPoints(Files.readString(MOUNTS))) {
            if (mount.startsWith(root.toRealPath())) {
                throw new IOException(
                        "%s is not removed: %s is still mounted".formatted(root, mount));
            }
        }
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException failure)
                            throws IOException {
                        if (failure instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw failure;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.deleteIfExists(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
