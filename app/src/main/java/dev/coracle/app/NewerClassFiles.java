// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/// A program of the launcher's: gives the classes of jars that are too old for a start-up cache the
/// form of newer ones. They do what they did.
///
/// The JDK keeps no class in its cache that is from before Java 6, and has to verify such a one in
/// the slow way of then at every start.
final class NewerClassFiles {
    /// That of Java 6, the first whose classes say what is on the stack.
    private static final int OLDEST_KEPT = 50;

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final ClassFile format =
            ClassFile.of(
                    StackMapsOption.GENERATE_STACK_MAPS,
                    ClassHierarchyResolverOption.of(
                            ClassHierarchyResolver.ofResourceParsing(this::ownClass)
                                    .orElse(ClassHierarchyResolver.defaultResolver())));

    private NewerClassFiles() {}

    /// @param jars to be rewritten in place
    public static void main(String[] jars) throws IOException {
        for (var jar : jars) {
            renew(jar);
        }
    }

    /// Rewrites `jar` if there is an old class in it. Returns how many there were.
    static int renew(String jar) throws IOException {
        return new NewerClassFiles().renew(Path.of(jar));
    }

    private int renew(Path jar) throws IOException {
        read(jar);
        int old = 0;
        for (var entry : entries.entrySet()) {
            if (entry.getKey().endsWith(".class") && version(entry.getValue()) < OLDEST_KEPT) {
                entry.setValue(renewed(format.parse(entry.getValue())));
                old++;
            }
        }
        if (old > 0) {
            var next = jar.resolveSibling(jar.getFileName() + ".new");
            write(next);
            Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
        }
        return old;
    }

    private void read(Path jar) throws IOException {
        try (var zip = new ZipInputStream(Files.newInputStream(jar))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
    }

    private void write(Path jar) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
    }

    /// The seventh and eighth byte of a class file.
    private static int version(byte[] bytes) {
        return (bytes[6] & 0xff) << Byte.SIZE | (bytes[7] & 0xff);
    }

    private @Nullable InputStream ownClass(ClassDesc type) {
        var descriptor = type.descriptorString();
        var bytes = entries.get(descriptor.substring(1, descriptor.length() - 1) + ".class");
        return bytes == null ? null : new ByteArrayInputStream(bytes);
    }

    private byte[] renewed(ClassModel model) {
        var code = MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL);
        return format.transformClass(
                model,
                (builder, element) -> {
                    switch (element) {
                        case ClassFileVersion _ -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
                        case MethodModel method -> builder.transformMethod(method, code);
                        default -> builder.with(element);
                    }
                });
    }
}
