// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.kubelet;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.disk.Trees;
import dev.coracle.host.volumes.PodVolumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of pods on this node's disk: volumes, hosts files, logs.
public final class PodFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PodFiles.class);

    private final PodVolumes volumes;
    private final Path logs;
    private final Function<JsonObject, List<Volume>> plan;
    private final Tokens tokens;

    /// The pods whose volumes are there, by uid, as they were when last looked at.
    private final Map<String, JsonObject> prepared = new ConcurrentHashMap<>();

    /// Gives the token of a pod's service account, bound to the pod: the same one until it is time
    /// for another.
    public interface Tokens {
        String token(JsonObject pod, Volume.Content.Token wanted);

        /// The pod is gone.
        void forget(String podUid);
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
            var paths = make(wanted.podUid(), pod);
            var texts = new LinkedHashMap<String, String>();
            paths.forEach((name, path) -> texts.put(name, path.toString()));
            prepared.put(wanted.podUid(), pod);
            return new KubeletInput.VolumesPrepared(wanted.podUid(), texts);
        } catch (IOException e) {
            return new KubeletInput.VolumesFailed(
                    wanted.podUid(), Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    private Map<String, Path> make(String podUid, JsonObject pod) throws IOException {
        return volumes.prepare(
                podUid,
                plan.apply(pod),
                token -> tokens.token(pod, token).getBytes(StandardCharsets.UTF_8));
    }

    /// Brings the files of all volumes up to date with the objects they are made from, and renews
    /// tokens. `newest` gives a pod as it is now, null when it is gone. What cannot be made now
    /// stays as it was.
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/configmap/>
    void refresh(Function<JsonObject, @Nullable JsonObject> newest) {
        for (var uid : List.copyOf(prepared.keySet())) {
            prepared.computeIfPresent(uid, (_, pod) -> refreshed(uid, pod, newest));
        }
    }

    private JsonObject refreshed(
            String uid, JsonObject pod, Function<JsonObject, @Nullable JsonObject> newest) {
        var now = newest.apply(pod);
        if (now == null || now.object("metadata").has("deletionTimestamp")) {
            return pod;
        }
        try {
            make(uid, now);
        } catch (IOException | ApiException e) {
            LOG.warn("pod {}: volumes stay as they were: {}", ObjectKey.of(pod), e.getMessage());
        }
        return now;
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
        prepared.remove(wanted.podUid()); // waits for a refresh that is under way
        tokens.forget(wanted.podUid());
        try {
            volumes.remove(wanted.podUid());
            Trees.delete(logDirectory(wanted.key(), wanted.podUid()));
        } catch (IOException e) {
            LOG.warn("pod {}: cannot remove its directories: {}", wanted.key(), e.toString());
        }
    }

    private Path logDirectory(ObjectKey key, String uid) {
        return logs.resolve(key.namespace() + "_" + key.name() + "_" + uid);
    }
}
