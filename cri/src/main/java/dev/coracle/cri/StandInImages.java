// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Images assembled on the spot from programs that distributions package, so that pods run with no
/// registry in reach: a sandbox image from catatonit, and a toolbox image from a static busybox.
public final class StandInImages {
    /// Debian's and Ubuntu's packages put them here.
    private static final List<Path> CATATONIT =
            List.of(Path.of("/usr/bin/catatonit"), Path.of("/usr/libexec/catatonit/catatonit"));

    private static final List<Path> BUSYBOX =
            List.of(Path.of("/usr/bin/busybox"), Path.of("/bin/busybox"));
    private static final int ANYONE_STICKY = 01777;
    private static final int USUAL = 0755;

    private StandInImages() {}

    /// Writes an archive of the image that holds a pod's namespaces: a process that waits, reaps
    /// and ends when told.
    ///
    /// @throws IOException naming the package that is not installed
    public static void writeSandbox(Path archive, List<String> names) throws IOException {
        var catatonit = program("catatonit", CATATONIT);
        new ImageArchive()
                .program("pause", catatonit)
                .write(
                        archive,
                        names,
                        new ImageArchive.Settings(
                                List.of("/pause", "-P"), List.of(), Map.of(), "65535:65535"));
    }

    /// Writes an archive of a small system: busybox under all its names, with users and `/tmp`.
    ///
    /// @throws IOException naming the package that is not installed
    public static void writeToolbox(Path archive, List<String> names)
            throws IOException, InterruptedException {
        toolbox()
                .write(
                        archive,
                        names,
                        new ImageArchive.Settings(
                                List.of(), List.of("sh"), Map.of("PATH", SEARCH_PATH), ""));
    }

    /// The content of the toolbox, to which more can be added.
    ///
    /// @throws IOException naming the package that is not installed
    public static ImageArchive toolbox() throws IOException, InterruptedException {
        var content = program("busybox-static", BUSYBOX);
        var image =
                new ImageArchive()
                        .folder("bin", USUAL)
                        .folder("dev", USUAL)
                        .folder("etc", USUAL)
                        .folder("home", USUAL)
                        .folder("proc", USUAL)
                        .folder("root", 0700)
                        .folder("sys", USUAL)
                        .folder("tmp", ANYONE_STICKY)
                        .folder("usr", USUAL)
                        .folder("usr/bin", USUAL)
                        .folder("var", USUAL)
                        .folder("var/tmp", ANYONE_STICKY)
                        .program("bin/busybox", content)
                        .text("etc/passwd", PASSWD)
                        .text("etc/group", GROUP)
                        .text("etc/nsswitch.conf", "hosts: files dns\n");
        for (var applet : applets()) {
            image.link("bin/" + applet, "busybox");
        }
        return image.link("usr/bin/env", "/bin/busybox");
    }

    /// Where the toolbox has its programs.
    public static final String SEARCH_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final String PASSWD =
            """
            root:x:0:0:root:/root:/bin/sh
            daemon:x:1:1:daemon:/usr/sbin:/bin/false
            www-data:x:33:33:www-data:/var/www:/bin/false
            nobody:x:65534:65534:nobody:/home:/bin/false
            """;

    private static final String GROUP =
            """
            root:x:0:
            daemon:x:1:
            www-data:x:33:
            nogroup:x:65534:
            """;

    private static List<String> applets() throws IOException, InterruptedException {
        var result = Command.run(find("busybox-static", BUSYBOX).toString(), "--list");
        result.orThrow();
        return result.output().lines().filter(name -> !name.equals("busybox")).toList();
    }

    private static byte[] program(String packageName, List<Path> candidates) throws IOException {
        return Files.readAllBytes(find(packageName, candidates));
    }

    private static Path find(String packageName, List<Path> candidates) throws IOException {
        for (var candidate : candidates) {
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new IOException("not installed: " + packageName + " (looked for " + candidates + ")");
    }
}
