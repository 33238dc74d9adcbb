// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.RuntimeCall.RegistryCredential;
import dev.coracle.core.kubelet.RuntimeReply;
import dev.coracle.cri.proto.Image;
import dev.coracle.cri.proto.ImageFsInfoRequest;
import dev.coracle.cri.proto.ImageSpec;
import dev.coracle.cri.proto.ImageStatusRequest;
import dev.coracle.cri.proto.ListImagesRequest;
import dev.coracle.cri.proto.PodSandboxConfig;
import dev.coracle.cri.proto.PullImageRequest;
import dev.coracle.cri.proto.RemoveImageRequest;
import dev.coracle.cri.proto.containerd.ListStatusesRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The images of a runtime.
public final class Images {
    private static final Duration SHORT = Duration.ofSeconds(30);
    private static final Duration PULL = Duration.ofMinutes(60);

    private final CriConnection connection;
    private final Map<String, String> stopSignals = new ConcurrentHashMap<>();

    Images(CriConnection connection) {
        this.connection = connection;
    }

    /// An image on the node. Sizes are of the compressed layers.
    public record LocalImage(
            String id, List<String> tags, List<String> digests, long sizeBytes, boolean pinned) {
        public LocalImage {
            tags = List.copyOf(tags);
            digests = List.copyOf(digests);
        }
    }

    /// Part of a download: `digest` names the blob; `totalBytes` is 0 while it is not known.
    public record Download(String digest, long doneBytes, long totalBytes) {}

    /// All images, ordered by their first name.
    ///
    /// @throws StatusRuntimeException if the runtime does not answer
    public List<LocalImage> list() {
        return connection
                .call(CriMethods.LIST_IMAGES, ListImagesRequest.getDefaultInstance(), SHORT)
                .getImagesList()
                .stream()
                .map(Images::local)
                .sorted(Comparator.comparing(Images::sortKey))
                .toList();
    }

    private static LocalImage local(Image image) {
        return new LocalImage(
                image.getId(),
                image.getRepoTagsList(),
                image.getRepoDigestsList(),
                image.getSize(),
                image.getPinned());
    }

    private static String sortKey(LocalImage image) {
        return image.tags().isEmpty() ? "~" + image.id() : image.tags().getFirst();
    }

    /// [RuntimeReply.Image], or [RuntimeReply.ImageAbsent].
    ///
    /// @throws StatusRuntimeException if the runtime does not answer
    RuntimeReply status(String image) {
        var found = find(image);
        return found == null ? new RuntimeReply.ImageAbsent() : reply(found);
    }

    /// Whether the node has this image.
    ///
    /// @throws StatusRuntimeException if the runtime does not answer
    public boolean present(String image) {
        return find(image) != null;
    }

    private @Nullable Image find(String image) {
        var request = ImageStatusRequest.newBuilder().setImage(spec(image)).build();
        var answer = connection.call(CriMethods.IMAGE_STATUS, request, SHORT);
        return answer.hasImage() ? answer.getImage() : null;
    }

    private RuntimeReply.Image reply(Image image) {
        return new RuntimeReply.Image(
                image.getId(),
                image.getRepoDigestsCount() > 0 ? image.getRepoDigests(0) : image.getId(),
                image.getSize(),
                new RuntimeReply.ImageUser(
                        image.hasUid() ? image.getUid().getValue() : null, image.getUsername()),
                stopSignal(image.getId()));
    }

    private String stopSignal(String id) {
        var known = stopSignals.get(id);
        if (known == null) {
            known = askStopSignal(id);
            stopSignals.put(id, known);
        }
        return known;
    }

    /// CRI tells of an image's stop signal only in the verbose part, which is the runtime's own.
    private String askStopSignal(String id) {
        var request = ImageStatusRequest.newBuilder().setImage(spec(id)).setVerbose(true).build();
        var info =
                connection
                        .call(CriMethods.IMAGE_STATUS, request, SHORT)
                        .getInfoOrDefault("info", "{}");
        try {
            return JsonReader.parse(info) instanceof JsonObject object
                    ? object.object("imageSpec").object("config").string("StopSignal")
                    : "";
        } catch (JsonFormatException e) {
            return "";
        }
    }

    /// Pulls with each credential in turn, last without any. [RuntimeReply.Image]
    ///
    /// @throws StatusRuntimeException as the runtime failed the last attempt
    RuntimeReply pull(
            String image, List<RegistryCredential> credentials, PodSandboxConfig sandbox) {
        var request = PullImageRequest.newBuilder().setImage(spec(image)).setSandboxConfig(sandbox);
        for (var credential : credentials) {
            try {
                var attempt = request.clone().setAuth(CriMessages.credential(credential)).build();
                return pulled(attempt);
            } catch (StatusRuntimeException e) {
                // The next credential, or none, may be the right one; the last failure is told.
            }
        }
        return pulled(request.build());
    }

    private RuntimeReply pulled(PullImageRequest request) {
        var ref = connection.call(CriMethods.PULL_IMAGE, request, PULL).getImageRef();
        var found = find(ref);
        return found == null ? new RuntimeReply.ImageAbsent() : reply(found);
    }

    /// Pulls for a user at the command line. Returns the image's reference on the node.
    ///
    /// @throws StatusRuntimeException as the runtime failed
    public String pull(String image) {
        var request = PullImageRequest.newBuilder().setImage(spec(image)).build();
        return connection.call(CriMethods.PULL_IMAGE, request, PULL).getImageRef();
    }

    /// What is being downloaded at this moment, by any pull, ordered by digest; empty also where
    /// the runtime cannot tell.
    public List<Download> downloads() {
        try {
            return connection
                    .callContainerd(
                            CriMethods.LIST_STATUSES,
                            ListStatusesRequest.getDefaultInstance(),
                            SHORT)
                    .getStatusesList()
                    .stream()
                    .map(
                            status ->
                                    new Download(
                                            digest(status.getRef()),
                                            status.getOffset(),
                                            status.getTotal()))
                    .sorted(Comparator.comparing(Download::digest))
                    .toList();
        } catch (StatusRuntimeException e) {
            return List.of();
        }
    }

    /// `layer-sha256:abc` is `sha256:abc`.
    private static String digest(String ref) {
        int at = ref.indexOf("sha256:");
        return at < 0 ? ref : ref.substring(at);
    }

    /// Removes an image under all its names, as CRI does whichever of them is given. Removing what
    /// is not there is fine. For one name of several: [ImageImport#untag].
    ///
    /// @throws StatusRuntimeException if the runtime refuses
    public void remove(String image) {
        var request = RemoveImageRequest.newBuilder().setImage(spec(image)).build();
        connection.call(CriMethods.REMOVE_IMAGE, request, SHORT);
    }

    /// Bytes that all images take on disk.
    ///
    /// @throws StatusRuntimeException if the runtime does not answer
    public long usedBytes() {
        return connection
                .call(CriMethods.IMAGE_FS_INFO, ImageFsInfoRequest.getDefaultInstance(), SHORT)
                .getImageFilesystemsList()
                .stream()
                .mapToLong(filesystem -> filesystem.getUsedBytes().getValue())
                .sum();
    }

    private static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }
}
