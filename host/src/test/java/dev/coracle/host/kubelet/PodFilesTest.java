// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.KubeletInput;
import dev.coracle.core.kubelet.KubeletOutput;
import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.host.volumes.PodVolumes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodFilesTest {
    private static final JsonObject POD =
            JsonReader.parseObject(
                    """
                    {"metadata": {"name": "web", "namespace": "default", "uid": "u1"}}""");

    @TempDir Path root;
    private String content = "old";
    private String token = "t1";
    private PodVolumes volumes;
    private PodFiles files;

    @BeforeEach
    void mountsNeedRoot() throws IOException {
        assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "not root");
        volumes = new PodVolumes(root.resolve("pods"));
        files = new PodFiles(volumes, root.resolve("logs"), _ -> plan(), new OneToken());
    }

    @AfterEach
    void unmount() throws IOException {
        volumes.removeAll();
    }

    private List<Volume> plan() {
        return List.of(
                new Volume.Files(
                        "v",
                        "projected",
                        List.of(
                                new Volume.File(
                                        "text",
                                        0644,
                                        new Volume.Content.Bytes(
                                                content.getBytes(StandardCharsets.UTF_8))),
                                new Volume.File(
                                        "token", 0600, new Volume.Content.Token("", 3600)))));
    }

    private final class OneToken implements PodFiles.Tokens {
        @Override
        public String token(JsonObject pod, Volume.Content.Token wanted) {
            return token;
        }

        @Override
        public void forget(String podUid) {
            token = "forgotten";
        }
    }

    private Path prepare() {
        var prepared = files.prepare(new KubeletOutput.PrepareVolumes("u1", POD));
        assertThat(prepared).isInstanceOf(KubeletInput.VolumesPrepared.class);
        return Path.of(((KubeletInput.VolumesPrepared) prepared).hostPaths().get("v"));
    }

    @Test
    void aRefreshBringsWhatChanged() {
        var path = prepare();
        content = "new";
        token = "t2";

        files.refresh(pod -> pod);

        assertThat(path.resolve("text")).hasContent("new");
        assertThat(path.resolve("token")).hasContent("t2");
    }

    @Test
    void aPodThatIsGoneIsLeftAsItWas() {
        var path = prepare();
        content = "new";

        files.refresh(_ -> null);

        assertThat(path.resolve("text")).hasContent("old");
    }

    @Test
    void aRemovedPodIsNotMadeAgain() {
        var path = prepare();

        files.remove(new KubeletOutput.RemovePodDirectory(new ObjectKey("default", "web"), "u1"));
        files.refresh(pod -> pod);

        assertThat(path).doesNotExist();
        assertThat(token).isEqualTo("forgotten");
    }
}
