// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Health checks, hooks and the life cycle of containers, on real ones. Every pod is given its
/// time, so all tests run at once. That keeps the machine busy, on which a command may take more
/// than the second that a probe has by default; where a test is not about this, its probes have
/// ten.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
class ProbesOnARealNodeTest {
    private static final String NAMESPACE = "health";

    @RegisterExtension static final RealNode NODE = RealNode.withDemoImages();

    private static NodeClient client;
    private static Kubectl kubectl;

    @BeforeAll
    static void makeNamespace() throws IOException {
        client = NODE.client();
        kubectl = NODE.namespace(NAMESPACE);
    }

    /// Applies the manifest of one pod of this name.
    private static WatchedPod apply(String name, String manifest) {
        kubectl.apply(manifest).ok();
        return new WatchedPod(client, NAMESPACE, name);
    }

    /// A pod with one container `app` of the toolbox that runs `script`; `container` and `pod` are
    /// further fields of either.
    private static WatchedPod run(String name, String script, String container, String pod) {
        return apply(
                name,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: app
                    image: busybox:1.28
                    command: [sh, -c, %s]
                """
                                .formatted(name, '"' + script.replace("\"", "\\\"") + '"')
                        + container.indent(4)
                        + pod.indent(2));
    }

    private static void exec(WatchedPod pod, String... command) {
        kubectl.run(
                        Stream.concat(Stream.of("exec", pod.name(), "--"), Stream.of(command))
                                .toArray(String[]::new))
                .ok();
    }

    /// The liveness probe failed three times in all, each time with `answer`.
    private static void assertThreeFailures(WatchedPod pod, String answer) {
        pod.awaitCount("Unhealthy", "Liveness probe failed: " + answer, 3);
        assertThat(pod.count("Unhealthy", "Liveness")).as("%s", pod.events()).isEqualTo(3);
    }

    private static String row(WatchedPod pod) {
        return kubectl.run("get", "pod", pod.name(), "--no-headers").ok();
    }

    /// A directory that the container sees as /out, for what must outlive it.
    private static Path out(String name) throws IOException {
        return Files.createDirectories(NODE.scratch().resolve("out").resolve(name));
    }

    private static String outMount() {
        return "volumeMounts: [{name: out, mountPath: /out}]";
    }

    private static String outVolume(Path directory) {
        return "volumes: [{name: out, hostPath: {path: %s}}]".formatted(directory);
    }

    private static List<String> lines(Path directory) throws IOException {
        var file = directory.resolve("log");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void aFailingCommandRestartsTheContainerFromItsImage() {
        var pod =
                apply(
                        "liveness-pod",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: liveness-pod
                        spec:
                          containers:
                          - name: liveness
                            image: gcr.io/terrycho-sandbox/liveness:v1
                            imagePullPolicy: IfNotPresent
                            ports:
                            - containerPort: 8080
                            livenessProbe:
                              exec:
                                command: ["cat", "/tmp/healthy"]
                              initialDelaySeconds: 5
                              periodSeconds: 5
                              timeoutSeconds: 10
                        """);
        pod.awaitReady("liveness");
        var uid = pod.uid();
        var ip = pod.status().string("podIP");
        exec(pod, "rm", "/tmp/healthy");

        var last = pod.awaitRestart("liveness", 1).object("lastState").object("terminated");

        assertThat(last.number("exitCode", -1)).isEqualTo(2);
        assertThat(last.string("reason")).isEqualTo("Error");
        assertThat(pod.uid()).isEqualTo(uid);
        assertThat(pod.status().string("podIP")).isEqualTo(ip);
        assertThat(row(pod)).containsPattern("liveness-pod +1/1 +Running +1 ");
        exec(pod, "cat", "/tmp/healthy");
        assertThreeFailures(pod, "cat: can't open '/tmp/healthy': No such file or directory\n");
        assertThat(kubectl.run("describe", "pod", pod.name()).ok())
                .containsPattern("Last State: +Terminated\\s+Reason: +Error\\s+Exit Code: +2\\s")
                .containsPattern("Warning +Unhealthy +\\S.* kubelet +Liveness probe failed: cat: ")
                .contains("Container liveness failed liveness probe, will be restarted");
    }

    @Test
    void aFailingPageRestartsTheContainer() {
        var pod =
                apply(
                        "webapl",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: webapl
                        spec:
                          containers:
                          - name: webapl
                            image: maho/webapl:0.1
                            env:
                            - {name: READY_AFTER, value: "4"}
                            - {name: HEALTHY_FOR, value: "12"}
                            livenessProbe:
                              httpGet: {path: /healthz, port: 3000}
                              initialDelaySeconds: 1
                              periodSeconds: 1
                              timeoutSeconds: 10
                            readinessProbe:
                              httpGet: {path: /ready, port: 3000}
                              initialDelaySeconds: 1
                              periodSeconds: 1
                              timeoutSeconds: 10
                        """);
        var first = pod.awaitRunning("webapl");
        assertThat(first.bool("ready", true)).isFalse();
        pod.awaitEvent(
                "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500");
        pod.awaitReady("webapl");
        var uid = pod.uid();
        var ip = pod.status().string("podIP");

        var second = pod.awaitRestart("webapl", 1);

        assertThat(second.object("lastState").object("terminated").number("exitCode", -1))
                .isEqualTo(2);
        assertThat(pod.uid()).isEqualTo(uid);
        assertThat(pod.status().string("podIP")).isEqualTo(ip);
        assertThreeFailures(pod, "HTTP probe failed with statuscode: 500");
        pod.awaitEvent("Killing", "Container webapl failed liveness probe, will be restarted");
        pod.awaitReady("webapl");
        pod.awaitRestart("webapl", 2);
        assertThat(pod.uid()).isEqualTo(uid);
    }

    @Test
    void aClosedPortRestartsTheContainer() {
        var pod =
                apply(
                        "liveness-pod-tcp",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: liveness-pod-tcp
                        spec:
                          containers:
                          - name: liveness
                            image: gcr.io/terrycho-sandbox/liveness:v1
                            imagePullPolicy: IfNotPresent
                            ports:
                            - containerPort: 8080
                            livenessProbe:
                              tcpSocket: {port: 8080}
                              initialDelaySeconds: 5
                              periodSeconds: 5
                              timeoutSeconds: 10
                        """);
        pod.awaitReady("liveness");
        var ip = pod.status().string("podIP");
        exec(pod, "kill", "-USR1", "1");

        pod.awaitRestart("liveness", 1);

        assertThreeFailures(pod, "dial tcp %s:8080: connect: connection refused".formatted(ip));
        pod.awaitEvent("Killing", "Container liveness failed liveness probe, will be restarted");
        assertThat(pod.status().string("podIP")).isEqualTo(ip);
    }

    /// <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>
    @Test
    void aServiceThatDoesNotServeRestartsTheContainer() {
        var pod =
                apply(
                        "liveness-grpc",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: liveness-grpc}
                        spec:
                          containers:
                          - name: server
                            image: grpc-demo:v1
                            livenessProbe:
                              grpc: {port: 8080, service: shop}
                              periodSeconds: 1
                              timeoutSeconds: 10
                              failureThreshold: 2
                            readinessProbe:
                              grpc: {port: 8080}
                              periodSeconds: 1
                              timeoutSeconds: 10
                        """);
        pod.awaitReady("server");
        exec(pod, "rm", "/tmp/healthy");

        pod.awaitRestart("server", 1);

        pod.awaitEvent(
                "Unhealthy",
                "Liveness probe failed: service unhealthy (responded with \"NOT_SERVING\")");
        pod.awaitReady("server");
    }

    @Test
    void anUnreadyContainerIsNotRestarted() {
        var pod =
                run(
                        "readiness-exec",
                        "touch /tmp/healthy; exec sleep 3600",
                        """
                        readinessProbe:
                          exec: {command: [cat, /tmp/healthy]}
                          periodSeconds: 1
                          timeoutSeconds: 10
                          failureThreshold: 2
                        """,
                        "");
        becomesUnreadyAndReadyAgain(pod, "app");
        pod.awaitEvent("Unhealthy", "Readiness probe failed: cat: can't open '/tmp/healthy'");
    }

    @Test
    void anUnreadyServerIsNotRestarted() {
        var pod =
                apply(
                        "readiness-http",
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: readiness-http}
                        spec:
                          containers:
                          - name: readiness
                            image: gcr.io/terrycho-sandbox/readiness:v1
                            ports: [{name: web, containerPort: 8080}]
                            readinessProbe:
                              httpGet: {path: /readiness, port: web}
                              periodSeconds: 1
                              timeoutSeconds: 10
                        """);
        becomesUnreadyAndReadyAgain(pod, "readiness");
        pod.awaitEvent(
                "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500");
    }

    private static void becomesUnreadyAndReadyAgain(WatchedPod pod, String container) {
        var before = pod.awaitReady(container);
        exec(pod, "rm", "/tmp/healthy");
        pod.awaitContainer(container, "is not ready", status -> !status.bool("ready", true));
        assertThat(row(pod)).containsPattern(" 0/1 +Running +0 ");
        assertThat(condition(pod, "Ready")).isEqualTo("False");

        exec(pod, "touch", "/tmp/healthy");
        var after = pod.awaitReady(container);

        assertThat(row(pod)).containsPattern(" 1/1 +Running +0 ");
        assertThat(condition(pod, "Ready")).isEqualTo("True");
        assertThat(after.string("containerID")).isEqualTo(before.string("containerID"));
    }

    private static String condition(WatchedPod pod, String type) {
        return pod.status().array("conditions").objects().stream()
                .filter(condition -> condition.string("type").equals(type))
                .map(condition -> condition.string("status"))
                .findFirst()
                .orElse("");
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/probes/#startup-probe>
    @Test
    void theOtherProbesWaitForTheStartupProbe() {
        var probe =
                "{exec: {command: [cat, /tmp/started]}, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: %d}";
        var pod =
                run(
                        "startup",
                        "sleep 4; touch /tmp/started; exec sleep 3600",
                        "startupProbe: %s\nlivenessProbe: %s\n"
                                        .formatted(probe.formatted(30), probe.formatted(1))
                                + "readinessProbe: {exec: {command: ['true']}, periodSeconds: 1, timeoutSeconds: 10}\n",
                        "");
        var begun = pod.awaitRunning("app");
        assertThat(begun.bool("started", true)).isFalse();
        assertThat(begun.bool("ready", true)).isFalse();
        pod.awaitEvent("Unhealthy", "Startup probe failed: cat: can't open '/tmp/started'");

        var ready = pod.awaitReady("app");

        assertThat(ready.bool("started", false)).isTrue();
        assertThat(ready.number("restartCount", -1)).isZero();
        assertThat(pod.messages("Unhealthy"))
                .allSatisfy(message -> assertThat(message).startsWith("Startup probe failed: "));
    }

    @Test
    void aContainerThatDoesNotStartUpIsRestarted() {
        var pod =
                run(
                        "stuck",
                        "exec sleep 3600",
                        """
                        startupProbe:
                          exec: {command: ['false']}
                          periodSeconds: 1
                          timeoutSeconds: 10
                          failureThreshold: 2
                        """,
                        "");

        pod.awaitRestart("app", 1);

        pod.awaitEvent("Killing", "Container app failed startup probe, will be restarted");
    }

    @Test
    void aProbeThatTakesTooLongHasFailed() {
        var pod =
                run(
                        "too-long",
                        "exec sleep 3600",
                        """
                        livenessProbe:
                          exec: {command: [sleep, "30"]}
                          timeoutSeconds: 1
                          periodSeconds: 1
                          failureThreshold: 2
                        """,
                        "");

        pod.awaitRestart("app", 1);

        pod.awaitEvent(
                "Unhealthy",
                "Liveness probe failed: command timed out: \"sleep 30\" timed out after 1s");
    }

    /// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
    @Test
    void aCommandMayRunBeforeTheStop() throws Exception {
        var out = out("prestop-exec");
        var pod =
                run(
                        "prestop-exec",
                        "trap 'echo term >> /out/log; exit 0' TERM; while true; do sleep 0.1; done",
                        """
                        lifecycle:
                          preStop:
                            exec: {command: [sh, -c, "echo hook >> /out/log; sleep 1; echo hooked >> /out/log"]}
                        """
                                + outMount(),
                        "terminationGracePeriodSeconds: 20\n" + outVolume(out));
        pod.awaitRunning("app");
        kubectl.run("delete", "pod", pod.name(), "--wait=false").ok();
        pod.awaitGone();

        assertThat(lines(out)).containsExactly("hook", "hooked", "term");
    }

    @Test
    void aHookThatOutlastsTheGracePeriodIsCutOff() throws Exception {
        var out = out("prestop-long");
        var pod =
                run(
                        "prestop-long",
                        "trap 'echo term >> /out/log; exit 0' TERM; while true; do sleep 0.1; done",
                        """
                        lifecycle:
                          preStop:
                            exec: {command: [sleep, "3000"]}
                        """
                                + outMount(),
                        "terminationGracePeriodSeconds: 2\n" + outVolume(out));
        pod.awaitRunning("app");
        kubectl.run("delete", "pod", pod.name(), "--wait=false").ok();
        pod.awaitGone();

        assertThat(lines(out)).containsExactly("term");
        pod.awaitEvent("FailedPreStopHook", "PreStopHook failed");
    }

    @Test
    void aPauseMayComeBeforeTheStop() throws Exception {
        var out = out("prestop-sleep");
        var pod =
                run(
                        "prestop-sleep",
                        "trap 'echo term >> /out/log; exit 0' TERM; while true; do sleep 0.1; done",
                        "lifecycle: {preStop: {sleep: {seconds: 3}}}\n" + outMount(),
                        "terminationGracePeriodSeconds: 20\n" + outVolume(out));
        pod.awaitRunning("app");
        kubectl.run("delete", "pod", pod.name(), "--wait=false").ok();

        pod.awaitEvent("Killing", "Stopping container app");
        assertThat(lines(out)).as("while it pauses").isEmpty();
        pod.awaitGone();
        assertThat(lines(out)).containsExactly("term");
    }

    @Test
    void aRequestMayBeMadeBeforeTheStop() throws Exception {
        var asked = apply("prestop-asked", demo("prestop-asked", ""));
        asked.awaitRunning("app");
        var pod =
                apply(
                        "prestop-http",
                        demo(
                                "prestop-http",
                                """
                                    lifecycle:
                                      preStop:
                                        httpGet: {path: /goodbye, port: 8080, host: %s}
                                """
                                        .formatted(asked.status().string("podIP"))));
        pod.awaitRunning("app");
        kubectl.run("delete", "pod", pod.name()).ok();

        assertThat(kubectl.run("logs", asked.name()).ok()).contains("GET /goodbye HTTP/1.1");
    }

    private static String demo(String name, String further) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          containers:
          - name: app
            image: readiness-demo:v1
        """
                        .formatted(name)
                + further;
    }

    @Test
    void aFailingCommandAfterTheStartEndsTheContainer() {
        var pod =
                run(
                        "poststart",
                        "exec sleep 3600",
                        "lifecycle: {postStart: {exec: {command: [sh, -c, 'exit 4']}}}",
                        "");

        pod.awaitContainer("app", "is tried again", status -> status.number("restartCount", 0) > 0);

        pod.awaitEvent("FailedPostStartHook", "PostStartHook failed");
        pod.awaitEvent("Killing", "FailedPostStartHook");
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/>
    @Test
    void sidecarsStartInOrderAndStopInReverse() throws Exception {
        var out = out("sidecars");
        var pod = apply("sidecars", sidecars(out));
        pod.awaitReady("app");
        kubectl.run("delete", "pod", pod.name(), "--wait=false").ok();
        pod.awaitGone();

        assertThat(lines(out))
                .containsExactly(
                        "one starts",
                        "one is up",
                        "two starts",
                        "two is up",
                        "between",
                        "app starts",
                        "app stops",
                        "two stops",
                        "one stops");
    }

    private static String sidecars(Path out) {
        var sidecar =
                """
                  - name: %1$s
                    image: busybox:1.28
                    restartPolicy: Always
                    command: [sh, -c, "echo %1$s starts >> /out/log; trap 'echo %1$s stops >> /out/log; exit 0' TERM; sleep 1; echo %1$s is up >> /out/log; touch /tmp/up; while true; do sleep 0.1; done"]
                    startupProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 30}
                    volumeMounts: [{name: out, mountPath: /out}]
                """;
        return """
               apiVersion: v1
               kind: Pod
               metadata: {name: sidecars}
               spec:
                 terminationGracePeriodSeconds: 20
                 initContainers:
               """
                + sidecar.formatted("one")
                + sidecar.formatted("two")
                + """
                    - name: between
                      image: busybox:1.28
                      command: [sh, -c, "echo between >> /out/log"]
                      volumeMounts: [{name: out, mountPath: /out}]
                    containers:
                    - name: app
                      image: busybox:1.28
                      command: [sh, -c, "echo app starts >> /out/log; trap 'echo app stops >> /out/log; exit 0' TERM; while true; do sleep 0.1; done"]
                      volumeMounts: [{name: out, mountPath: /out}]
                    volumes: [{name: out, hostPath: {path: %s}}]
                  """
                        .formatted(out);
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#detailed-behavior>
    @Test
    void aPodThatIsActiveForTooLongFails() {
        var pod = run("deadline", "exec sleep 3600", "", "activeDeadlineSeconds: 10");

        var status = pod.await("fails", seen -> seen.string("phase").equals("Failed"));

        assertThat(status.string("reason")).isEqualTo("DeadlineExceeded");
        assertThat(status.string("message"))
                .isEqualTo("Pod was active on the node longer than the specified deadline");
        assertThat(pod.container("app").object("state").object("terminated").number("exitCode", 0))
                .isEqualTo(137);
    }

    /// <https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement>
    @Test
    void anotherImageRestartsTheContainerInPlace() {
        var pod = run("new-image", "exec sleep 3600", "", "");
        var first = pod.awaitRunning("app");
        var uid = pod.uid();
        kubectl.run("set", "image", "pod/new-image", "app=busybox:latest").ok();

        var restarted = pod.awaitRestart("app", 1);

        assertThat(restarted.string("containerID")).isNotEqualTo(first.string("containerID"));
        assertThat(pod.uid()).isEqualTo(uid);
        pod.awaitEvent("Killing", "Container app definition changed, will be restarted");
    }

    @Test
    void aKilledSandboxIsMadeAnewWithEverythingInIt() throws Exception {
        var pod = run("sandbox", "exec sleep 3600", "", "");
        var id = pod.awaitRunning("app").string("containerID").replaceFirst(".*://", "");
        sandboxProcess(id).destroyForcibly();

        var again = pod.awaitRestart("app", 1);

        assertThat(again.string("containerID")).doesNotContain(id);
        pod.awaitEvent("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    }

    /// The process that holds the namespaces of a container's pod: both have the shim as parent.
    private static ProcessHandle sandboxProcess(String containerId) throws IOException {
        for (var process : ProcessHandle.allProcesses().toList()) {
            var cgroup = Path.of("/proc", Long.toString(process.pid()), "cgroup");
            if (Files.exists(cgroup) && Files.readString(cgroup).contains(containerId)) {
                return process.parent()
                        .orElseThrow()
                        .children()
                        .filter(child -> !child.equals(process))
                        .findFirst()
                        .orElseThrow();
            }
        }
        throw new AssertionError("no process of container " + containerId);
    }

    /// <https://kep.k8s.io/4960>
    @Test
    void aContainerMayNameItsStopSignal() throws Exception {
        var out = out("signal");
        var pod =
                run(
                        "signal",
                        "trap 'echo usr1 >> /out/log; exit 0' USR1; trap 'echo term >> /out/log' TERM; while true; do sleep 0.1; done",
                        "lifecycle: {stopSignal: SIGUSR1}\n" + outMount(),
                        "os: {name: linux}\nterminationGracePeriodSeconds: 20\n" + outVolume(out));
        assertThat(pod.awaitRunning("app").string("stopSignal")).isEqualTo("SIGUSR1");
        kubectl.run("delete", "pod", pod.name(), "--wait=false").ok();
        pod.awaitGone();

        assertThat(lines(out)).containsExactly("usr1");
    }
}
