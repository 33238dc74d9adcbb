// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.app.live.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `coracle image …`: what may be run with no registry in reach.
@Command(
        name = "image",
        description = "List, pull, import, tag and remove the images of a node.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  coracle image import shop.tar"})
final class ImageCommand extends Cli.Verb {

    private ImageCommand() {}

    static CommandLine of(NodeStarter starter) {
        return new CommandLine(new ImageCommand())
                .addSubcommand(new Ls(starter))
                .addSubcommand(new Pull(starter))
                .addSubcommand(new Import(starter))
                .addSubcommand(new Tag(starter))
                .addSubcommand(new Remove(starter));
    }

    @Override
    public Integer call() {
        throw misuse("a command is missing: ls, pull, import, tag or rm");
    }

    /// A verb on the images of one node.
    abstract static class OnImages extends Cli.Verb {
        private final NodeStarter starter;

        @Option(
                names = "--data-dir",
                paramLabel = "DIR",
                description = "The node's directory (default: /var/lib/coracle).")
        private Path dataDirectory = NodeConfig.DEFAULT_DATA_DIRECTORY;

        OnImages(NodeStarter starter) {
            this.starter = starter;
        }

        @Override
        public final Integer call() throws IOException {
            LocalMachine.needRoot("coracle image");
            try (var images = starter.images(dataDirectory.toAbsolutePath(), this::say)) {
                perform(images);
            }
            return 0;
        }

        abstract void perform(ImageStore images) throws IOException;
    }

    @Command(
            name = "ls",
            description = "List images with their sizes.",
            footer = {"", "Example:", "  coracle image ls"})
    private static final class Ls extends OnImages {
        Ls(NodeStarter starter) {
            super(starter);
        }

        @Override
        void perform(ImageStore images) throws IOException {
            var rows = images.list();
            int width =
                    rows.stream()
                            .flatMap(image -> image.names().stream())
                            .mapToInt(String::length)
                            .max()
                            .orElse(0);
            for (var image : rows) {
                var names = image.names().isEmpty() ? List.of("<none>") : image.names();
                for (var name : names) {
                    out().printf(
                                    "%-" + Math.max(width, 6) + "s  %-12s  %9s%n",
                                    name,
                                    shortId(image.id()),
                                    Bytes.of(image.sizeBytes()));
                }
            }
        }

        private static String shortId(String id) {
            var hex = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
            return hex.substring(0, Math.min(12, hex.length()));
        }
    }

    @Command(
            name = "pull",
            description = "Pull images from their registries.",
            footer = {"", "Example:", "  coracle image pull busybox:1.36"})
    private static final class Pull extends OnImages {
        @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "What to pull.")
        private List<String> names = List.of();

        Pull(NodeStarter starter) {
            super(starter);
        }

        @Override
        void perform(ImageStore images) throws IOException {
            for (var name : names) {
                var image = images.pull(name, _ -> {});
                out().printf("%s  %s%n", name, Bytes.of(image.sizeBytes()));
            }
        }
    }

    @Command(
            name = "import",
            description = "Import the images of docker or OCI archives.",
            footer = {
                "",
                "Example:",
                "  docker save shop:1 -o shop.tar",
                "  coracle image import shop.tar"
            })
    private static final class Import extends OnImages {
        @Parameters(arity = "1..*", paramLabel = "ARCHIVE", description = "Archives to import.")
        private List<Path> archives = List.of();

        Import(NodeStarter starter) {
            super(starter);
        }

        @Override
        void perform(ImageStore images) throws IOException {
            for (var archive : archives) {
                if (!Files.isReadable(archive)) {
                    throw new IOException(archive + " cannot be read");
                }
                images.importArchive(archive.toAbsolutePath()).forEach(out()::println);
            }
        }
    }

    @Command(
            name = "tag",
            description = "Give an image one more name.",
            footer = {"", "Example:", "  coracle image tag busybox:1.36 registry.local/busybox:1"})
    private static final class Tag extends OnImages {
        @Parameters(index = "0", paramLabel = "IMAGE", description = "An image of the node.")
        private String source = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "Its further name.")
        private String target = "";

        Tag(NodeStarter starter) {
            super(starter);
        }

        @Override
        void perform(ImageStore images) throws IOException {
            images.tag(source, target);
        }
    }

    @Command(
            name = "rm",
            description = "Remove images.",
            footer = {"", "Example:", "  coracle image rm busybox:1.36"})
    private static final class Remove extends OnImages {
        @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "What to remove.")
        private List<String> names = List.of();

        Remove(NodeStarter starter) {
            super(starter);
        }

        @Override
        void perform(ImageStore images) throws IOException {
            for (var name : names) {
                images.remove(name);
            }
        }
    }
}
