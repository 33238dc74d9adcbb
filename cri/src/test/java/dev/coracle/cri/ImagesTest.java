// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeCall.RegistryCredential;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ImagesTest {
    private static Bench bench;

    @BeforeAll
    static void startContainerd() throws Exception {
        bench = Bench.start();
    }

    @AfterAll
    static void takeItAway() throws Exception {
        bench.close();
    }

    private static void push(String source, String name, String... credentials) throws Exception {
        bench.containerd().imageImport().tag(source, name);
        var command = new ArrayList<String>();
        command.addAll(
                List.of(
                        "ctr",
                        "--address",
                        bench.config().socket().toString(),
                        "--namespace",
                        "k8s.io",
                        "images",
                        "push",
                        "--plain-http"));
        command.addAll(List.of(credentials));
        command.add(name);
        Command.run(command.toArray(String[]::new)).orThrow();
        bench.containerd().imageImport().untag(name);
        assertThat(bench.runtime().images().present(name)).isFalse();
    }

    private static RuntimeReply pull(Bench bench, String name, RegistryCredential... credentials)
            throws Exception {
        return bench.runtime()
                .perform(
                        new RuntimeCall.PullImage(
                                name,
                                List.of(credentials),
                                Specs.sandbox("pull", bench.logs("pull"))));
    }

    @Test
    void anImageIsPulledFromARegistry() throws Exception {
        try (var registry = Registry.start(bench.directory().resolve("registry"), false)) {
            var name = registry.host() + "/tools/box:1";
            push(Bench.TOOLBOX, name);

            var reply = pull(bench, name);

            assertThat(reply).isInstanceOf(RuntimeReply.Image.class);
            var image = (RuntimeReply.Image) reply;
            assertThat(image.imageId())
                    .matches("127\\.0\\.0\\.1:[0-9]+/[a-z]+/box@sha256:[0-9a-f]{64}");
            assertThat(bench.runtime().images().present(name)).isTrue();
        }
    }

    @Test
    void anImageThatTheRegistryLacksIsNotFound() throws Exception {
        try (var registry = Registry.start(bench.directory().resolve("empty"), false)) {
            var name = registry.host() + "/none/nope:1";

            var reply = pull(bench, name);

            assertThat(reply)
                    .isEqualTo(
                            new Failed(
                                    Failed.Kind.NOT_FOUND,
                                    "rpc error: code = NotFound desc = failed to pull and unpack"
                                            + " image \""
                                            + name
                                            + "\": failed to resolve reference \""
                                            + name
                                            + "\": "
                                            + name
                                            + ": not found"));
        }
    }

    @Test
    void aPrivateRegistryWantsTheRightPassword() throws Exception {
        try (var registry = Registry.start(bench.directory().resolve("private"), true)) {
            var name = registry.host() + "/private/box:1";
            push(Bench.TOOLBOX, name, "--user", "tester:secret");
            var wrong = new RegistryCredential("tester", "wrong", null, null, null);
            var right = new RegistryCredential("tester", "secret", null, null, null);

            assertThat(pull(bench, name)).isInstanceOf(Failed.class);
            assertThat(pull(bench, name, wrong)).isInstanceOf(Failed.class);
            assertThat(pull(bench, name, wrong, right)).isInstanceOf(RuntimeReply.Image.class);
        }
    }

    @Test
    void aMirrorIsAskedFirstAndDownloadsAreToldOf() throws Exception {
        try (var registry = Registry.start(bench.directory().resolve("origin"), false);
                var mirror = new HaltingMirror(registry.address())) {
            var archive = bench.directory().resolve("bulky.tar");
            new ImageArchive()
                    .text("bulk", "bulk ".repeat(1_200_000))
                    .write(
                            archive,
                            List.of("docker.io/library/bulky:1"),
                            new ImageArchive.Settings(List.of(), List.of(), Map.of(), ""));
            bench.containerd().imageImport().load(archive);
            push("docker.io/library/bulky:1", registry.host() + "/library/mirrored:1");
            var other = Bench.start(mirror.address());
            try {
                var reply = new CompletableFuture<RuntimeReply>();
                var call =
                        new RuntimeCall.PullImage(
                                "docker.io/library/mirrored:1",
                                List.of(),
                                Specs.sandbox("pull", other.logs("pull")));
                other.runtime().perform(call, reply::complete);

                Bench.await("half a layer", () -> halfWay(other.runtime().images().downloads()));
                mirror.goOn();

                assertThat(reply.get(1, TimeUnit.MINUTES)).isInstanceOf(RuntimeReply.Image.class);
                assertThat(other.runtime().images().downloads()).isEmpty();
            } finally {
                other.close();
            }
        }
    }

    private static boolean halfWay(List<Images.Download> downloads) {
        return downloads.stream()
                .anyMatch(
                        part ->
                                part.digest().startsWith("sha256:")
                                        && part.doneBytes() > 0
                                        && part.doneBytes() < part.totalBytes());
    }

    @Test
    void anArchiveIsImportedTaggedListedAndRemoved() throws Exception {
        var archive = bench.directory().resolve("archive.tar");
        var settings =
                new ImageArchive.Settings(List.of("/bin/x"), List.of(), Map.of("A", "b"), "1000");
        new ImageArchive()
                .text("hello", "world")
                .write(archive, List.of("docker.io/library/archived:1"), settings);

        var names = bench.containerd().imageImport().load(archive);
        bench.containerd()
                .imageImport()
                .tag("docker.io/library/archived:1", "docker.io/library/archived:2");

        assertThat(names).containsExactly("docker.io/library/archived:1");
        var images = bench.runtime().images();
        Bench.await(
                "both names",
                () ->
                        images.list().stream()
                                .anyMatch(
                                        image ->
                                                image.tags()
                                                        .containsAll(
                                                                List.of(
                                                                        "docker.io/library/archived:1",
                                                                        "docker.io/library/archived:2"))));
        var status =
                bench.runtime()
                        .perform(new RuntimeCall.ImageStatus("docker.io/library/archived:2"));
        assertThat(((RuntimeReply.Image) status).user())
                .isEqualTo(new RuntimeReply.ImageUser(1000L, ""));

        bench.containerd().imageImport().untag("docker.io/library/archived:1");
        assertThat(images.present("docker.io/library/archived:1")).isFalse();
        assertThat(images.present("docker.io/library/archived:2")).isTrue();
        images.remove("docker.io/library/archived:2");

        Bench.await("its absence", () -> !images.present("docker.io/library/archived:2"));
        images.remove("docker.io/library/archived:2"); // is fine
    }

    @Test
    void whatIsNoArchiveIsRefusedByName() throws Exception {
        var file = bench.directory().resolve("no-archive.tar");
        Files.writeString(file, "no archive");

        assertThatThrownBy(() -> bench.containerd().imageImport().load(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(
                        () ->
                                bench.containerd()
                                        .imageImport()
                                        .load(bench.directory().resolve("absent.tar")))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("absent.tar\" cannot be read");
    }
}
