// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachedTest {

    @Test
    void theSameCommandRunsOnceMoreWithoutTheFlag() {
        var cmdline = "java\0-cp\0a b.jar:\0dev.coracle.app.Main\0up\0--detach\0--name\0\0";
        assertThat(Detached.command(cmdline.getBytes(StandardCharsets.UTF_8)))
                .containsExactly(
                        "setsid",
                        "java",
                        "-cp",
                        "a b.jar:",
                        "dev.coracle.app.Main",
                        "up",
                        "--name",
                        "");
    }
}
