// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// A container image of one layer, written as `docker save` would. The same content gives the same
/// bytes, so an image assembled twice is the same image.
///
/// <https://github.com/moby/docker-image-spec/blob/main/v1.2.md>
public final class ImageArchive {
    private static final int PROGRAM = 0755;
    private static final int TEXT = 0644;
    private static final String CREATED = "1970-01-01T00:00:00Z";

    private final Map<String, Node> nodes = new TreeMap<>();

    /// What the layer holds at a path.
    private sealed interface Node {
        record Folder(int mode) implements Node {}

        record File(int mode, byte[] content) implements Node {}

        record Link(String target) implements Node {}
    }

    /// What the image says of the containers made from it.
    public record Settings(
            List<String> entrypoint,
            List<String> command,
            Map<String, String> environment,
            String user) {
        public Settings {
            entrypoint = List.copyOf(entrypoint);
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /// Adds a directory, `tmp` for instance, with the given permissions (1777 octal for `tmp`).
    public ImageArchive folder(String path, int mode) {
        nodes.put(path + "/", new Node.Folder(mode));
        return this;
    }

    public ImageArchive program(String path, byte[] content) {
        nodes.put(path, new Node.File(PROGRAM, content));
        return this;
    }

    public ImageArchive text(String path, String content) {
        nodes.put(path, new Node.File(TEXT, content.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    public ImageArchive link(String path, String target) {
        nodes.put(path, new Node.Link(target));
        return this;
    }

    /// Writes the archive to `file`, the image under each of `names` (`docker.io/library/x:1`).
    public void write(Path file, List<String> names, Settings settings) throws IOException {
        var layer = layer();
        var config = config(settings, layer);
        var configName = sha256(config) + ".json";
        var layerName = sha256(layer) + "/layer.tar";
        var manifest =
                new JsonArray(
                        List.of(
                                JsonObject.builder()
                                        .put("Config", configName)
                                        .put("RepoTags", strings(names))
                                        .put("Layers", strings(List.of(layerName)))
                                        .build()));
        try (var out = Files.newOutputStream(file);
                var tar = tar(out)) {
            put(tar, configName, new Node.File(TEXT, config));
            put(tar, sha256(layer) + "/", new Node.Folder(PROGRAM));
            put(tar, layerName, new Node.File(TEXT, layer));
            put(tar, "manifest.json", new Node.File(TEXT, JsonWriter.bytes(manifest)));
        }
    }

    private byte[] layer() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = tar(bytes)) {
            for (var node : nodes.entrySet()) {
                put(tar, node.getKey(), node.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static TarArchiveOutputStream tar(OutputStream out) {
        var tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        return tar;
    }

    private static void put(TarArchiveOutputStream tar, String path, Node node) throws IOException {
        switch (node) {
            case Node.Folder(int mode) -> tar.putArchiveEntry(entry(path, mode));
            case Node.File(int mode, byte[] content) -> {
                var entry = entry(path, mode);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
            }
            case Node.Link(String target) -> {
                var entry = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
                entry.setLinkName(target);
                entry.setModTime(0);
                entry.setIds(0, 0);
                tar.putArchiveEntry(entry);
            }
        }
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String path, int mode) {
        var entry = new TarArchiveEntry(path);
        entry.setMode(mode);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        return entry;
    }

    private static byte[] config(Settings settings, byte[] layer) {
        var environment =
                new TreeMap<>(settings.environment())
                        .entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .toList();
        var container =
                JsonObject.builder()
                        .put("Env", strings(environment))
                        .put("WorkingDir", "/")
                        .putUnlessEmpty("Entrypoint", strings(settings.entrypoint()))
                        .putUnlessEmpty("Cmd", strings(settings.command()))
                        .putUnlessEmpty("User", settings.user())
                        .build();
        var config =
                JsonObject.builder()
                        .put("architecture", architecture())
                        .put("os", "linux")
                        .put("created", CREATED)
                        .put("config", container)
                        .put(
                                "rootfs",
                                JsonObject.builder()
                                        .put("type", "layers")
                                        .put(
                                                "diff_ids",
                                                strings(List.of("sha256:" + sha256(layer))))
                                        .build())
                        .put(
                                "history",
                                new JsonArray(
                                        List.of(
                                                JsonObject.builder()
                                                        .put("created", CREATED)
                                                        .put("created_by", "coracle")
                                                        .build())))
                        .build();
        return JsonWriter.bytes(config);
    }

    /// The processor's name as images spell it.
    private static String architecture() {
        var name = System.getProperty("os.arch");
        return name.equals("aarch64") ? "arm64" : name;
    }

    private static JsonArray strings(List<String> values) {
        return new JsonArray(values.stream().<Json>map(JsonString::new).toList());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
