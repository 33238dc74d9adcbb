// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import static dev.coracle.app.Golden.assertGolden;
import static dev.coracle.app.live.PodScenario.RUNNING;
import static dev.coracle.app.live.PodScenario.WAITING;
import static dev.coracle.app.live.PodScenario.ended;
import static dev.coracle.app.live.PodScenario.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.app.live.LiveLine.Step;
import dev.coracle.core.json.JsonReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private final LiveView view = new LiveView(T0);
    private final PodScenario demo = new PodScenario();
    private final List<LiveLine> told = new ArrayList<>();
    private long millis;

    /// The whole story of a good pod, as it looks away from a terminal.
    @Test
    void aPodWithInitContainersFromBeginningToEnd() throws IOException {
        at(100, demo.seen());
        at(150, demo.on("yard").init("install", WAITING).init("sign", WAITING).seen());
        at(200, event("Normal", "Pulling", "install", "Pulling image \"busybox\"", 1));
        at(400, new LiveInput.Pulling("busybox", 1_200_000, 2_800_000));
        at(
                900,
                event(
                        "Normal",
                        "Pulled",
                        "install",
                        "Successfully pulled image \"busybox\" in 700ms (700ms including waiting)."
                                + " Image size: 2800000 bytes.",
                        1));
        at(1000, demo.init("install", RUNNING).seen());
        at(1100, new LiveInput.LogLine("demo", "install", "writing the page"));
        at(3000, demo.init("install", ended(0, "Completed", 2)).seen());
        at(3100, demo.init("sign", ended(0, "Completed", 0)).seen());
        at(3500, demo.app("web", RUNNING).ready("10.244.0.2").seen());
        at(3600, new LiveInput.LogLine("demo", "web", "serving on port 8080"));
        at(65_000, demo.deleting().seen());
        at(66_000, demo.app("web", ended(0, "Completed", 59)).seen());
        at(66_100, new LiveInput.PodGone(demo.pod()));

        assertGolden("pod-with-init-containers.txt", onPaper());
    }

    @Test
    void aCrashLoopTellsExitPauseAndRestartOnce() throws IOException {
        var backOff =
                waiting(
                        "CrashLoopBackOff",
                        "back-off 10s restarting failed container=app pod=demo_default(u-1)");
        at(0, demo.on("yard").app("app", RUNNING).ready("10.244.0.2").seen());
        at(2000, demo.app("app", 0, ended(1, "Error", 2), "{}").seen());
        at(2100, demo.app("app", 0, backOff, ended(1, "Error", 2)).seen());
        at(2200, demo.app("app", 0, backOff, ended(1, "Error", 2)).seen());
        at(12_000, demo.app("app", 1, RUNNING, ended(1, "Error", 2)).seen());
        at(14_000, demo.app("app", 1, ended(1, "Error", 2), ended(1, "Error", 2)).seen());

        assertGolden("crash-loop.txt", onPaper());
    }

    @Test
    void changesThatCameAsOneAreToldInOrder() {
        at(0, demo.on("yard").app("app", RUNNING).seen());
        told.clear();
        at(9000, demo.app("app", 1, RUNNING, ended(137, "OOMKilled", 3)).seen());

        assertThat(texts())
                .containsExactly(
                        "failed after 3 s: exit 137 (OOMKilled)", "started again, restart 1");
    }

    @Test
    void nothingNewIsNothingToTell() {
        at(0, demo.on("yard").app("app", RUNNING).ready("10.244.0.2").seen());
        told.clear();
        at(10, demo.seen());

        assertThat(told).isEmpty();
    }

    @Test
    void aPodThatFitsNowhereSaysWhyOnce() {
        demo.condition("PodScheduled", "False", "0/1 nodes are available: 1 Insufficient cpu.");
        at(0, demo.seen());
        at(10, demo.seen());

        assertThat(texts())
                .containsExactly(
                        "created", "not scheduled: 0/1 nodes are available: 1 Insufficient cpu.");
    }

    @Test
    void anImageThatCannotBePulledIsToldByItsReason() {
        at(0, demo.on("yard").app("app", waiting("ErrImagePull", "no such host")).seen());
        at(10, demo.app("app", waiting("ImagePullBackOff", "Back-off pulling image \"x\"")).seen());

        assertThat(texts())
                .endsWith(
                        "ErrImagePull: no such host",
                        "ImagePullBackOff: Back-off pulling image \"x\"");
    }

    @Test
    void losingReadinessIsBadUnlessThePodIsStopping() {
        at(0, demo.on("yard").ready("10.244.0.2").seen());
        told.clear();
        at(10, demo.condition("Ready", "False", "").seen());
        assertThat(texts()).containsExactly("no longer ready");

        at(20, demo.condition("Ready", "True", "").seen());
        told.clear();
        at(30, demo.deleting().condition("Ready", "False", "").seen());
        assertThat(texts()).containsExactly("stopping, within 30 s");
    }

    @Test
    void anEndThatExplainsLostReadinessIsToldAlone() {
        at(0, demo.on("yard").app("app", RUNNING).ready("10.244.0.2").seen());
        told.clear();
        demo.condition("Ready", "False", "");
        at(10, demo.app("app", 0, ended(3, "Error", 2), "{}").seen());

        assertThat(texts()).containsExactly("failed after 2 s: exit 3 (Error)");
    }

    @Test
    void whatEndsBecauseItWasAskedToHasNotFailed() {
        at(0, demo.on("yard").app("app", RUNNING).app("deaf", RUNNING).seen());
        told.clear();
        demo.deleting().app("app", 0, ended(143, "Error", 2), "{}");
        at(10, demo.app("deaf", 0, ended(137, "Error", 32), "{}").seen());

        assertThat(texts())
                .containsExactly(
                        "stopping, within 30 s",
                        "stopped after 2 s: exit 143",
                        "killed after 32 s: did not end by itself (exit 137)");
    }

    @Test
    void warningsAreToldWithTheirCount() {
        at(0, event("Warning", "Unhealthy", "app", "Readiness probe failed: 500", 3));
        at(0, event("Warning", "BackOff", "app", "Back-off restarting failed container", 2));
        at(0, event("Normal", "Created", "app", "Container created", 1));

        assertThat(told)
                .containsExactly(
                        new Step(
                                java.time.Duration.ZERO,
                                "demo",
                                "app",
                                "Unhealthy (x3): Readiness probe failed: 500",
                                LiveLine.Tone.BAD));
    }

    @Test
    void progressIsToldOncePerCent() {
        at(0, new LiveInput.Pulling("busybox", 0, 0));
        at(1, new LiveInput.Pulling("busybox", 1_200_000, 2_800_000));
        at(2, new LiveInput.Pulling("busybox", 1_201_000, 2_800_000));

        assertThat(told)
                .extracting(line -> ((LiveLine.Progress) line).text())
                .containsExactly("pulling busybox", "pulling busybox 42%  1.2/2.8 MB");
    }

    private void at(long now, LiveInput input) {
        assertThat(now).as("time goes forward").isGreaterThanOrEqualTo(millis);
        millis = now;
        told.addAll(view.handle(input, T0.plusMillis(now)));
    }

    private List<String> texts() {
        return told.stream().map(line -> ((Step) line).text()).toList();
    }

    private String onPaper() {
        var text = new StringWriter();
        var screen = new Screen(new PrintWriter(text), false, false, 4);
        told.forEach(screen::show);
        return text.toString();
    }

    private static LiveInput.EventSeen event(
            String type, String reason, String container, String message, int count) {
        return new LiveInput.EventSeen(
                JsonReader.parseObject(
                        """
                        {"type":"%s","reason":"%s","count":%d,"message":"%s",
                         "involvedObject":{"kind":"Pod","name":"demo","uid":"u-1",
                          "fieldPath":"spec.containers{%s}"}}"""
                                .formatted(
                                        type,
                                        reason,
                                        count,
                                        message.replace("\"", "\\\""),
                                        container)));
    }
}
