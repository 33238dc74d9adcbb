// SPDX-License-Identifier: Apache-2.0
package dev.coracle.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.TreeMap;

/// Writes how the built-in kinds are numbered in protobuf, as `protobuf.txt`: one line for each
/// message, its name and then, separated by tabs, `number:name:type` for each field.
///
/// A type is `s` (string), `b` (bool), `i` (integer), `d` (double), `y` (bytes), or a message's
/// name;
/// `[]` before it says repeated, `{}` a map with string keys.
public final class ProtobufFields {
    private static final String PACKAGE = "io/kubernetes/client/proto/";

    private ProtobufFields() {}

    /// `args[0]` is the directory to write to.
    public static void main(String[] args) throws Exception {
        var target = Path.of(args[0]).resolve("protobuf.txt");
        var jar = jar();
        if (Files.exists(target)
                && Files.getLastModifiedTime(target).compareTo(Files.getLastModifiedTime(jar))
                        > 0) {
            return;
        }
        var lines = new TreeMap<String, String>();
        try (var files = new java.util.jar.JarFile(jar.toFile())) {
            for (var entry : files.stream().toList()) {
                var name = entry.getName();
                if (name.startsWith(PACKAGE) && name.endsWith(".class") && !name.contains("$")) {
                    var outer = Class.forName(name.replace('/', '.').replace(".class", ""));
                    var file = (FileDescriptor) outer.getMethod("getDescriptor").invoke(null);
                    file.getMessageTypes().forEach(m -> lines.put(m.getFullName(), line(m)));
                }
            }
        }
        Files.createDirectories(target.getParent());
        Files.write(target, lines.values());
    }

    private static Path jar() throws IOException {
        var resource = ProtobufFields.class.getClassLoader().getResource(PACKAGE + "V1.class");
        if (resource == null) {
            throw new IllegalStateException("the protobuf model is not on the class path");
        }
        var connection = (JarURLConnection) resource.openConnection();
        return Path.of(URI.create(connection.getJarFileURL().toString()));
    }

    private static String line(Descriptor message) {
        var parts = new ArrayList<String>();
        parts.add(message.getFullName());
        for (var field : message.getFields()) {
            parts.add(field.getNumber() + ":" + field.getName() + ":" + type(field));
        }
        return String.join("\t", parts);
    }

    private static String type(FieldDescriptor field) {
        if (field.isMapField()) {
            return "{}" + single(field.getMessageType().findFieldByNumber(2));
        }
        return (field.isRepeated() ? "[]" : "") + single(field);
    }

    private static String single(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING -> "s";
            case BOOLEAN -> "b";
            case INT, LONG, ENUM -> "i";
            case FLOAT, DOUBLE -> "d";
            case BYTE_STRING -> "y";
            case MESSAGE -> field.getMessageType().getFullName();
        };
    }
}
