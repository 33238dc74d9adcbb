// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.cri.ImageArchive;
import dev.coracle.cri.StandInImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Images that stand in for those of manifests that are published to teach health checks: the
/// toolbox with a small web server, `demo-server.c`, which says what it answers; and one with a
/// gRPC server, `demo-grpc.c`.
///
/// With a directory as argument this is a program that writes archives of all images of those
/// manifests, to be imported by hand: `make demo-images`.
final class DemoImages {
    private static final String HEALTHY = "tmp/healthy";

    private DemoImages() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var directory = Files.createDirectories(Path.of(arguments[0]));
        write(directory);
        StandInImages.writeToolbox(
                directory.resolve("busybox.tar"),
                List.of("docker.io/library/busybox:1.28", "docker.io/library/busybox:latest"));
        StandInImages.writeSandbox(
                directory.resolve("pause.tar"),
                List.of("registry.k8s.io/pause:3.10.2", "registry.k8s.io/pause:3.9"));
        StandInImages.toolbox()
                .text("usr/share/nginx/html/index.html", "<h1>Welcome to nginx!</h1>\n")
                .write(
                        directory.resolve("nginx.tar"),
                        List.of("docker.io/library/nginx:latest"),
                        settings(
                                List.of(
                                        "/bin/httpd",
                                        "-f",
                                        "-p",
                                        "80",
                                        "-h",
                                        "/usr/share/nginx/html"),
                                Map.of()));
    }

    /// Writes archives of the images that have one of the servers into `directory`.
    ///
    /// @throws IOException if there is no C compiler, or what it says
    static void write(Path directory) throws IOException, InterruptedException {
        var server = compile("demo-server.c", directory);
        StandInImages.toolbox()
                .program("readiness-demo", server)
                .write(
                        directory.resolve("readiness-demo.tar"),
                        List.of("docker.io/library/readiness-demo:v1"),
                        settings(List.of("/readiness-demo"), Map.of()));
        StandInImages.toolbox()
                .program("server", server)
                .text(HEALTHY, "")
                .write(
                        directory.resolve("health.tar"),
                        List.of(
                                "gcr.io/terrycho-sandbox/readiness:v1",
                                "gcr.io/terrycho-sandbox/liveness:v1"),
                        settings(List.of("/server"), Map.of()));
        StandInImages.toolbox()
                .program("server", compile("demo-grpc.c", directory))
                .text(HEALTHY, "")
                .write(
                        directory.resolve("grpc.tar"),
                        List.of("docker.io/library/grpc-demo:v1"),
                        settings(List.of("/server"), Map.of()));
        StandInImages.toolbox()
                .program("webapl", server)
                .write(
                        directory.resolve("webapl.tar"),
                        List.of("docker.io/maho/webapl:0.1"),
                        settings(List.of("/webapl"), Map.of("PORT", "3000")));
    }

    private static ImageArchive.Settings settings(
            List<String> entrypoint, Map<String, String> more) {
        var environment = new HashMap<>(more);
        environment.put("PATH", StandInImages.SEARCH_PATH);
        return new ImageArchive.Settings(entrypoint, List.of(), environment, "");
    }

    private static byte[] compile(String source, Path directory)
            throws IOException, InterruptedException {
        var program = directory.resolve("program");
        var compiler =
                new ProcessBuilder(
                                "gcc", "-static", "-O2", "-x", "c", "-o", program.toString(), "-")
                        .redirectErrorStream(true)
                        .start();
        try (var in = DemoImages.class.getResourceAsStream("/" + source);
                var out = compiler.getOutputStream()) {
            Objects.requireNonNull(in, source).transferTo(out);
        }
        var complaints =
                new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (compiler.waitFor() != 0) {
            throw new IOException(source + " cannot be compiled: " + complaints);
        }
        var content = Files.readAllBytes(program);
        Files.delete(program);
        return content;
    }
}
