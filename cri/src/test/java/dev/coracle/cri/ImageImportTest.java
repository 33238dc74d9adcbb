// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageImportTest {

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36",
        "team/shop:1, docker.io/team/shop:1",
        "localhost/shop, localhost/shop:latest",
        "localhost:5000/shop, localhost:5000/shop:latest",
        "registry.example/team/shop:2, registry.example/team/shop:2",
        "shop@sha256:00, docker.io/library/shop@sha256:00"
    })
    void namesAreCompletedAsDockerDoes(String name, String canonical) {
        assertThat(ImageImport.canonical(name)).isEqualTo(canonical);
    }
}
