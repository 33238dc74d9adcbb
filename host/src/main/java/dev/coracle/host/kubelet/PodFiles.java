// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.host.volumes.PodVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of pods on this node's disk: volumes, hosts files, logs.
public final class PodFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PodFiles.class);

    private final PodVolumes volumes;
    private final Path logs;
    private final Function<JsonObject, List<Volume>> plan;
    private final Tokens tokens;

    /// Issues a token for a pod's service account, bound to the pod.
    public interface Tokens {
        String token(JsonObject pod, Volume.Content.Token wanted);
    }

    /// `plan` says what a pod's volumes must hold; `logs` is the root of the pods' log directories.
    public PodFiles(
            PodVolumes volumes, Path logs, Function<JsonObject, List<Volume>> plan, Tokens tokens) {
        this.volumes = volumes;
        this.logs = logs;
        this.plan = plan;
        this.tokens = tokens;
    }

    KubeletInput prepare(KubeletOutput.PrepareVolumes wanted) {
        var pod = wanted.pod();
        try {
            var paths =
                    volumes.prepare(
                            wanted.podUid(),
                            plan.apply(pod),
                            token ->
                                    tokens.token(pod, token)
                                            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
            var texts = new LinkedHashMap<String, String>();
            paths.forEach((name, path) -> texts.put(name, path.toString()));
            return new KubeletInput.VolumesPrepared(wanted.podUid(), texts);
        } catch (IOException e) {
            return new KubeletInput.VolumesFailed(
                    wanted.podUid(), Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    KubeletInput write(KubeletOutput.WriteFiles wanted) {
        try {
            for (var file : wanted.files()) {
                var path = Path.of(file.path());
                Files.createDirectories(Objects.requireNonNull(path.getParent()));
                Files.writeString(path, file.content());
                Files.setPosixFilePermissions(path, PodVolumes.permissions(file.mode()));
            }
            return new KubeletInput.FilesWritten(wanted.callId(), null);
        } catch (IOException e) {
            return new KubeletInput.FilesWritten(wanted.callId(), e.toString());
        }
    }

    void remove(KubeletOutput.RemovePodDirectory wanted) {
        try {
            volumes.remove(wanted.podUid());
            PodVolumes.delete(logDirectory(wanted.key(), wanted.podUid()));
        } catch (IOException e) {
            LOG.warn("pod {}: cannot remove its directories: {}", wanted.key(), e.toString());
        }
    }

    private Path logDirectory(ObjectKey key, String uid) {
        return logs.resolve(key.namespace() + "_" + key.name() + "_" + uid);
    }
}
