// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Init containers prepare what app containers need, before those start.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/>
@Timeout(300)
class InitContainersOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = new RealNode();

    /// An init container leaves a page in a shared emptyDir; a web server serves it.
    private static final String PAGE_POD =
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: init-demo
            spec:
              terminationGracePeriodSeconds: 1
              dnsPolicy: Default
              initContainers:
              - name: install
                image: busybox
                imagePullPolicy: Never
                command: [sh, -c, "sleep 1; echo fetched by install > /work-dir/index.html"]
                volumeMounts:
                - {name: workdir, mountPath: /work-dir}
              containers:
              - name: server
                image: busybox
                imagePullPolicy: Never
                command: [httpd, -f, -p, "80", -h, /www]
                ports:
                - containerPort: 80
                volumeMounts:
                - {name: workdir, mountPath: /www}
              volumes:
              - name: workdir
                emptyDir: {}
            """;

    /// Two init containers, of which the first waits for what does not come.
    private static final String WAITING_POD =
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: myapp-pod
              labels: {app: myapp}
            spec:
              terminationGracePeriodSeconds: 1
              initContainers:
              - name: init-myservice
                image: busybox:1.28
                command:
                - sh
                - -c
                - >-
                  ns=$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace);
                  until [ -e /go ]; do echo waiting for myservice.$ns; sleep 1; done
              - name: init-mydb
                image: busybox:1.28
                command: [sh, -c, "echo mydb is there"]
              containers:
              - name: myapp-container
                image: busybox:1.28
                command: [sh, -c, "echo The app is running! && sleep 3600"]
            """;

    @Test
    void theAppServesWhatTheInitContainerWrote() throws Exception {
        var kubectl = NODE.namespace("page");
        kubectl.apply(PAGE_POD).ok();
        kubectl.run("wait", "--for=condition=Ready", "pod/init-demo", "--timeout=60s").ok();

        var ip = kubectl.run("get", "pod", "init-demo", "-o", "jsonpath={.status.podIP}").ok();
        assertThat(served(ip)).isEqualTo("fetched by install\n");
        assertThat(kubectl.run("exec", "init-demo", "--", "cat", "/etc/resolv.conf").ok())
                .as("dnsPolicy Default gives the node's")
                .isEqualTo(nodesNameServers());
        kubectl.run("delete", "pod", "init-demo").ok();
        assertThat(kubectl.run("get", "pods", "-o", "name").ok()).isEmpty();
    }

    /// The server may be a moment later than its container.
    private static String served(String ip) {
        return Kubectl.await(
                "the page of " + ip,
                () -> {
                    try {
                        return RealNode.fetch("http://" + ip + "/index.html");
                    } catch (IOException e) {
                        return e.toString();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                },
                page -> page.startsWith("fetched"));
    }

    private static String nodesNameServers() throws IOException {
        return Files.readString(Path.of("/etc/resolv.conf"));
    }

    @Test
    void commandsRunInAContainerAndTheirExitCodesArePassedOn() {
        var kubectl = NODE.namespace("exec");
        kubectl.apply(PAGE_POD).ok();
        kubectl.run("wait", "--for=condition=Ready", "pod/init-demo", "--timeout=60s").ok();

        var failed = kubectl.inPod("init-demo", "echo o; echo e >&2; exit 7");
        assertThat(failed.exitCode()).isEqualTo(7);
        assertThat(failed.out()).isEqualTo("o\n");
        assertThat(failed.err()).contains("e\n").contains("exit code 7");

        var longInput = "a line of the input\n".repeat(20_000);
        assertThat(kubectl.runWith(longInput, "exec", "-i", "init-demo", "--", "cat").ok())
                .isEqualTo(longInput);
        assertThat(kubectl.run("exec", "init-demo", "-c", "install", "--", "true").refused())
                .contains("install");
        assertThat(kubectl.run("exec", "absent", "--", "true").refused())
                .contains("pods \"absent\" not found");
    }

    @Test
    void aShellAtATerminalIsInteractive() {
        assumeTrue(Kubectl.isInstalled("script"), "skipped: there is no script on the PATH");
        var kubectl = NODE.namespace("terminal");
        kubectl.apply(PAGE_POD).ok();
        kubectl.run("wait", "--for=condition=Ready", "pod/init-demo", "--timeout=60s").ok();

        var shell =
                kubectl.onTerminal(
                        "tty; echo $((6 * 7)) lines; exit 5\n",
                        "exec",
                        "-it",
                        "init-demo",
                        "--",
                        "/bin/sh");

        assertThat(shell.out()).contains("/dev/pts/").contains("42 lines");
        assertThat(shell.exitCode()).isEqualTo(5);
    }

    @Test
    void aPodWaitsAtItsFirstInitContainer() {
        var kubectl = NODE.namespace("waiting");
        kubectl.apply(WAITING_POD).ok();
        Kubectl.await(
                "the first lines of init-myservice",
                () -> kubectl.run("logs", "myapp-pod", "-c", "init-myservice").out(),
                log -> log.startsWith("waiting for myservice.waiting\n"));

        assertThat(kubectl.run("get", "pod", "myapp-pod", "--no-headers").ok())
                .containsPattern("myapp-pod +0/1 +Init:0/2 +0 ");
        var described = kubectl.run("describe", "pod", "myapp-pod").ok();
        assertThat(described).containsPattern("(?m)^Status: +Pending$");
        assertThat(described)
                .containsPattern("(?s)  init-myservice:.* State: +Running.* init-mydb:");
        assertThat(described)
                .containsPattern(
                        "(?s)  init-mydb:.* State: +Waiting\\s+Reason: +PodInitializing.*"
                                + "\nContainers:");
        assertThat(described)
                .containsPattern(
                        "(?s)  myapp-container:.* State: +Waiting\\s+Reason: +PodInitializing.*"
                                + "\nConditions:");
        assertThat(described).containsPattern("(?m)^  Initialized +False");
        assertThat(described).containsPattern("(?m)^  ContainersReady +False");
        assertThat(kubectl.run("logs", "myapp-pod", "-c", "init-mydb").refused())
                .contains(
                        "container \"init-mydb\" in pod \"myapp-pod\" is waiting to start:"
                                + " PodInitializing");
    }

    @Test
    void onceItsInitContainersHaveSucceededAPodRuns() {
        var kubectl = NODE.namespace("let-go");
        kubectl.apply(WAITING_POD).ok();
        Kubectl.await(
                "init-myservice runs",
                () -> kubectl.run("logs", "myapp-pod", "-c", "init-myservice").out(),
                log -> !log.isEmpty());

        kubectl.run("exec", "myapp-pod", "-c", "init-myservice", "--", "touch", "/go").ok();
        kubectl.awaitStatus("myapp-pod", "Running");

        assertThat(kubectl.run("get", "pod", "myapp-pod", "--no-headers").ok())
                .containsPattern("myapp-pod +1/1 +Running +0 ");
        assertThat(kubectl.run("logs", "myapp-pod", "-c", "init-mydb").ok())
                .isEqualTo("mydb is there\n");
        assertThat(kubectl.run("logs", "myapp-pod").ok()).isEqualTo("The app is running!\n");
        assertThat(kubectl.run("describe", "pod", "myapp-pod").ok())
                .containsPattern("(?m)^  Initialized +True");
    }
}
