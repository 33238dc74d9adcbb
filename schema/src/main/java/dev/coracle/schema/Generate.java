// SPDX-License-Identifier: Apache-2.0
package dev.coracle.schema;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.net.JarURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Writes the schema of the built-in kinds as three text files, one line for each thing, the fields
/// of a line separated by tabs:
///
/// - `types.txt`: a type's name, then for each field `name:type`, with `!` behind it when required.
///   The type is written as in [TypeCode].
/// - `descriptions.txt`: a type's name and description, then a field's name and its description,
///   and so on. Line breaks and tabs inside are written `\n` and `\t`, a backslash `\\`.
/// - `resources.txt`: see [Resources].
///
/// Class files are read, not loaded, so that the model's own dependencies play no part.
public final class Generate {
    private static final String MODEL = "io/kubernetes/client/openapi/models/";
    private static final String PATHS = "io/kubernetes/client/openapi/apis/";

    private Generate() {}

    /// `args[0]` is the directory to write to.
    public static void main(String[] args) throws IOException {
        var target = Path.of(args[0]);
        var jar = jar();
        if (upToDate(target, jar)) {
            return;
        }
        var types = new TreeMap<String, List<ModelClass.Field>>();
        var descriptions = new ArrayList<String>();
        var resources = new Resources();
        try (var files = new java.util.jar.JarFile(jar.toFile())) {
            for (var entry : files.stream().toList()) {
                var name = entry.getName();
                if (!name.endsWith(".class") || name.contains("$")) {
                    continue;
                }
                if (name.startsWith(MODEL)) {
                    var model = ModelClass.of(parse(files.getInputStream(entry).readAllBytes()));
                    if (!model.fields().isEmpty()) {
                        types.put(model.name(), model.fields());
                        descriptions.add(model.descriptions());
                    }
                } else if (name.startsWith(PATHS)) {
                    resources.add(parse(files.getInputStream(entry).readAllBytes()));
                }
            }
        }
        Files.createDirectories(target);
        var lines = new ArrayList<String>();
        types.forEach((name, fields) -> lines.add(line(name, fields)));
        write(target.resolve("types.txt"), lines);
        write(target.resolve("descriptions.txt"), descriptions.stream().sorted().toList());
        write(target.resolve("resources.txt"), resources.lines());
    }

    private static String line(String name, List<ModelClass.Field> fields) {
        var line = new StringBuilder(name);
        for (var field : fields) {
            line.append('\t').append(field.name()).append(':').append(field.type());
            if (field.required()) {
                line.append('!');
            }
        }
        return line.toString();
    }

    private static void write(Path file, List<String> lines) throws IOException {
        Files.writeString(file, String.join("\n", lines) + "\n");
    }

    private static ClassModel parse(byte[] bytes) {
        return java.lang.classfile.ClassFile.of().parse(bytes);
    }

    private static Path jar() throws IOException {
        var pod = Generate.class.getClassLoader().getResource(MODEL + "V1Pod.class");
        if (pod == null || !(pod.openConnection() instanceof JarURLConnection connection)) {
            throw new IllegalStateException("the model artifact is not on the class path as a jar");
        }
        return Path.of(URI.create(connection.getJarFileURL().toString()));
    }

    /// Whether the last run saw the same jar and the same generator.
    private static boolean upToDate(Path target, Path jar) throws IOException {
        var last = target.resolve("resources.txt");
        var self = Generate.class.getResource("ModelClass.class");
        if (!Files.exists(last) || self == null || !"file".equals(self.getProtocol())) {
            return false;
        }
        var generated = Files.getLastModifiedTime(last);
        try (var classes = Files.list(Path.of(URI.create(self.toString())).resolveSibling("."))) {
            for (var file : (Iterable<Path>) classes::iterator) {
                if (Files.getLastModifiedTime(file).compareTo(generated) > 0) {
                    return false;
                }
            }
        }
        return Files.getLastModifiedTime(jar).compareTo(generated) <= 0;
    }
}
