// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// The place where every part of a node is constructed.
final class Node {

    private Node() {}

    /// Makes nodes of the parts that this build has: none yet.
    static final class Starter implements NodeStarter {

        @Override
        public RunningNode start(NodeConfig config, Consumer<String> say) throws IOException {
            throw new IOException("this build has no parts to start a node from");
        }

        @Override
        public ImageStore images(Path dataDirectory, Consumer<String> say) throws IOException {
            throw new IOException("this build has no container runtime");
        }

        @Override
        public void sweep(Path dataDirectory, Consumer<String> say) {
            say.accept("nothing to remove for " + dataDirectory);
        }

        @Override
        public void rehearse(Path scratch) {}
    }
}
