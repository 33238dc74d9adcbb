// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.kubelet.ContainerRuntime;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The contract against a real containerd.
class CriRuntimeTest extends ContainerRuntimeContract {
    private static Bench bench;

    @BeforeAll
    static void startContainerd() throws Exception {
        bench = Bench.start();
    }

    @AfterAll
    static void takeItAway() throws Exception {
        bench.close();
    }

    @Override
    ContainerRuntime runtime() {
        return bench.runtime();
    }

    @Override
    String image() {
        return Bench.TOOLBOX;
    }

    @Override
    Path logs(String pod) throws Exception {
        return bench.logs(pod);
    }
}
