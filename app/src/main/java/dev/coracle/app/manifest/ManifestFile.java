// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.manifest;

import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A file of Kubernetes objects: YAML of any number of documents, or JSON. Lists (`kind: List`,
/// `kind: PodList`) count as what they hold.
public final class ManifestFile {

    private ManifestFile() {}

    /// Reads all objects, in order.
    ///
    /// @throws IOException naming file, document and what is wrong, if the file cannot be read, is
    ///     not well-formed, or holds something that is no object of Kubernetes
    public static List<Manifest> read(Path file) throws IOException {
        return parse(file.toString(), bytes(file));
    }

    /// Reads all objects of all files, in order.
    ///
    /// @throws IOException as [#read]
    public static List<Manifest> readAll(List<Path> files) throws IOException {
        var manifests = new ArrayList<Manifest>();
        for (var file : files) {
            manifests.addAll(read(file));
        }
        return manifests;
    }

    static List<Manifest> parse(String name, byte[] text) throws IOException {
        var manifests = new ArrayList<Manifest>();
        int number = 0;
        for (var document : documents(name, text)) {
            number++;
            var source = "%s, document %d".formatted(name, number);
            if (!(document.value() instanceof JsonObject object)) {
                throw new IOException(source + ": not an object with apiVersion and kind");
            }
            add(new Manifest(source, object, document.duplicates()), manifests);
        }
        if (manifests.isEmpty()) {
            throw new IOException(name + ": no objects in this file");
        }
        return List.copyOf(manifests);
    }

    private static List<JsonReader.Document> documents(String name, byte[] text)
            throws IOException {
        try {
            return Yaml.read(text);
        } catch (JsonFormatException e) {
            throw new IOException("%s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private static void add(Manifest manifest, List<Manifest> manifests) throws IOException {
        if (manifest.kind().endsWith("List") && manifest.object().has("items")) {
            addItems(manifest, manifests);
            return;
        }
        require(manifest, "apiVersion", manifest.apiVersion());
        require(manifest, "kind", manifest.kind());
        require(manifest, "metadata.name", manifest.name());
        manifests.add(manifest);
    }

    private static void addItems(Manifest list, List<Manifest> manifests) throws IOException {
        var items = list.object().array("items");
        for (int i = 0; i < items.size(); i++) {
            var source = "%s, item %d".formatted(list.source(), i + 1);
            if (!(items.get(i) instanceof JsonObject item)) {
                throw new IOException(source + ": not an object with apiVersion and kind");
            }
            var path = "items[%d].".formatted(i);
            var duplicates =
                    list.duplicates().stream()
                            .filter(duplicate -> duplicate.startsWith(path))
                            .map(duplicate -> duplicate.substring(path.length()))
                            .toList();
            add(new Manifest(source, item, duplicates), manifests);
        }
    }

    private static void require(Manifest manifest, String field, String value) throws IOException {
        if (value.isEmpty()) {
            throw new IOException("%s: %s: required value".formatted(manifest.source(), field));
        }
    }

    /// All of a file.
    ///
    /// @throws IOException with a sentence that names the file and says why it cannot be read
    public static byte[] bytes(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("%s: there is no such file".formatted(file), e);
        } catch (IOException e) {
            throw new IOException(
                    Files.isDirectory(file)
                            ? "%s: is a directory; name the files in it".formatted(file)
                            : "%s: cannot be read: %s".formatted(file, e.getMessage()),
                    e);
        }
    }
}
