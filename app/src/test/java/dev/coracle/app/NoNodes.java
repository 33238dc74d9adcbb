// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// No machine at all: everything that a test does not say otherwise must not be asked for.
class NoNodes implements NodeStarter {
    @Override
    public RunningNode start(NodeConfig config, Consumer<String> say) throws IOException {
        throw new AssertionError("no node was to be started");
    }

    @Override
    public ImageStore images(Path dataDirectory, Consumer<String> say) throws IOException {
        throw new AssertionError("no images were to be looked at");
    }

    @Override
    public void sweep(Path dataDirectory, Consumer<String> say) {
        throw new AssertionError("nothing was to be removed");
    }

    @Override
    public void rehearse(Path scratch) {
        throw new AssertionError("nothing was to be rehearsed");
    }
}
