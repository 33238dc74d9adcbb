// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class NewerClassFilesTest {
    @TempDir Path directory;

    private Path copy() throws Exception {
        URI jar = CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        return Files.copy(Path.of(jar), directory.resolve("picocli.jar"));
    }

    @Test
    void oldClassesBecomeNewerOnes() throws Exception {
        var jar = copy();

        assertThat(NewerClassFiles.renew(jar.toString())).isPositive();
        assertThat(NewerClassFiles.renew(jar.toString())).as("a second time").isZero();
    }

    /// All of them are verified when they are initialized.
    @Test
    void everyClassIsStillSound() throws Exception {
        var jar = copy();
        NewerClassFiles.renew(jar.toString());

        int loaded = 0;
        try (var file = new JarFile(jar.toFile());
                var loader =
                        new URLClassLoader(
                                new URL[] {jar.toUri().toURL()},
                                ClassLoader.getPlatformClassLoader())) {
            for (var entry : file.stream().toList()) {
                var name = entry.getName();
                if (name.startsWith("picocli/") && name.endsWith(".class")) {
                    Class.forName(
                            name.substring(0, name.length() - 6).replace('/', '.'), true, loader);
                    loaded++;
                }
            }
        }
        assertThat(loaded).isGreaterThan(100);
    }
}
