// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static dev.coracle.host.http.RunningApi.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.registry.ResourceTypes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class PodAccessTest {
    private static final String POD = DEFAULT + "/pods/web";
    private static final String RUNNING =
            """
            "containerID":"containerd://b","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}},
            "lastState":{"terminated":{"exitCode":1,"containerID":"containerd://a"}}
            """;
    private static final String ENDED =
            """
            "containerID":"containerd://b",
            "state":{"terminated":{"exitCode":0,"containerID":"containerd://b"}}
            """;

    @TempDir Path directory;
    private RunningApi api;

    @BeforeEach
    void start() throws IOException {
        api = new RunningApi(directory);
        api.create(
                ResourceTypes.SERVICE_ACCOUNTS,
                """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}
                """);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private Path log(String containerId, String... lines) throws IOException {
        var file = directory.resolve(containerId.replaceAll("\\W", "-") + ".log");
        api.pods.logs.put(containerId, file);
        for (var line : lines) {
            append(file, line);
        }
        return file;
    }

    private static void append(Path file, String line) throws IOException {
        Files.writeString(
                file,
                "2026-01-01T00:00:01Z stdout F " + line + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @Test
    void theLogOfTheRunningAndOfThePreviousInstance() throws IOException {
        api.runPod("web", RUNNING);
        log("containerd://a", "old");
        log("containerd://b", "one", "two");

        assertThat(api.get(POD + "/log").text()).isEqualTo("one\ntwo\n");
        assertThat(api.get(POD + "/log").header("Content-Type")).isEqualTo("text/plain");
        assertThat(api.get(POD + "/log?tailLines=1&timestamps=true").text())
                .isEqualTo("2026-01-01T00:00:01.000000000Z two\n");
        assertThat(api.get(POD + "/log?previous=true&container=main").text()).isEqualTo("old\n");
        assertThat(api.get(POD + "/log?limitBytes=2").text()).isEqualTo("on");
        assertThat(api.get(POD + "/log?sinceTime=2026-01-01T00:00:02Z").text()).isEmpty();
    }

    @Test
    void aFollowedLogEndsWithItsContainer() throws IOException {
        api.runPod("web", RUNNING);
        var file = log("containerd://b", "one");
        try (var lines = reader(api.open(POD + "/log?follow=true").body())) {
            assertThat(lines.readLine()).isEqualTo("one");
            append(file, "two");
            assertThat(lines.readLine()).isEqualTo("two");
            append(file, "bye");
            api.setStatus("web", ENDED);
            assertThat(lines.readLine()).isEqualTo("bye");
            assertThat(lines.readLine()).isNull();
        }
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Test
    void whyThereIsNoLogIsSaidInUpstreamsWords() {
        api.runPod("web", "\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}");

        assertThat(api.get(POD + "/log").message())
                .isEqualTo(
                        "container \"main\" in pod \"web\" is waiting to start: PodInitializing");
        assertThat(api.get(POD + "/log?previous=1").message())
                .isEqualTo("previous terminated container \"main\" in pod \"web\" not found");
        assertThat(api.get(POD + "/log?container=x").message())
                .isEqualTo("container x is not valid for pod web");
        assertThat(api.get(POD + "/log?tailLines=-1").message())
                .isEqualTo(
                        "PodLogOptions.meta.k8s.io \"\" is invalid: tailLines: Invalid value: -1:"
                                + " must be greater than or equal to 0");
        api.create(
                ResourceTypes.PODS,
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"two"},
                 "spec":{"initContainers":[{"name":"i","image":"x"}],
                  "containers":[{"name":"a","image":"x"},{"name":"b","image":"x"}]}}
                """);
        assertThat(api.get(DEFAULT + "/pods/two/log").message())
                .isEqualTo(
                        "a container name must be specified for pod two, choose one of: [a b] or"
                                + " one of the init containers: [i]");
    }

    @Test
    void bytesGoBothWaysOnceTheRuntimeHasSwitchedProtocols() throws Exception {
        api.runPod("web", RUNNING);
        try (var runtime = new StreamingServer(StreamingServer::echo);
                var client = connect()) {
            api.pods.streaming = runtime.uri();
            send(client, "POST", "/exec?command=sh&stdin=true&stdout=true");
            var in = client.getInputStream();

            assertThat(StreamingServer.head(in))
                    .startsWith("HTTP/1.1 101 ")
                    .containsIgnoringCase("Upgrade: SPDY/3.1\r\n")
                    .containsIgnoringCase("X-Stream-Protocol-Version: v4.channel.k8s.io\r\n");
            assertThat(runtime.heads.take())
                    .startsWith("POST /exec/token HTTP/1.1\r\n")
                    .containsIgnoringCase("Upgrade: SPDY/3.1\r\n")
                    .doesNotContainIgnoringCase("authorization");
            assertThat(new String(in.readNBytes(6), StandardCharsets.US_ASCII))
                    .isEqualTo("hello\n");
            client.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(in.readNBytes(4), StandardCharsets.US_ASCII)).isEqualTo("ping");
            client.getOutputStream().write(new byte[300_000]);
            assertThat(in.readNBytes(300_000)).isEqualTo(new byte[300_000]);
            client.getOutputStream().write('q');
            assertThat(in.readNBytes(1)).isEqualTo(new byte[] {'q'});
            assertThat(in.read()).isEqualTo(-1); // the runtime's end is the client's
        }
    }

    @Test
    void aRefusalOfTheRuntimeIsPassedOn() throws Exception {
        api.runPod("web", RUNNING);
        try (var runtime = new StreamingServer(StreamingServer::refuse);
                var client = connect()) {
            api.pods.streaming = runtime.uri();
            send(client, "GET", "/exec?command=sh&stdout=true");

            assertThat(StreamingServer.head(client.getInputStream())).startsWith("HTTP/1.1 403 ");
            assertThat(new String(client.getInputStream().readNBytes(7), StandardCharsets.US_ASCII))
                    .isEqualTo("no v5!\n");
        }
    }

    @Test
    void commandsNeedAContainerThatRuns() {
        api.runPod("web", "\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}");

        assertThat(api.post(POD + "/exec?command=sh&stdout=true", "").message())
                .isEqualTo("unable to upgrade connection: container not found (\"main\")");
        assertThat(api.post(POD + "/exec?stdout=true", "").message())
                .isEqualTo("you must specify at least one command for the container");
        api.setStatus("web", RUNNING);
        api.pods.streaming = URI.create("http://127.0.0.1:1/");
        assertThat(api.post(POD + "/exec?command=sh&stdout=true", "").message())
                .isEqualTo("Upgrade request required");
    }

    @Test
    void whoeverAttachesGetsTheStreamsThatTheProcessHas() throws Exception {
        api.runPod("web", RUNNING);
        try (var runtime = new StreamingServer(StreamingServer::echo);
                var client = connect()) {
            api.pods.streaming = runtime.uri();
            send(client, "POST", "/attach?stdout=true&stderr=true&stdin=false");

            assertThat(StreamingServer.head(client.getInputStream())).startsWith("HTTP/1.1 101 ");
            assertThat(api.pods.asked.take())
                    .isEqualTo(new PodAccess.Streams(false, true, true, false));
        }
        assertThat(api.post(POD + "/attach", "").message())
                .isEqualTo("you must specify at least one of stdin, stdout, stderr");
    }

    @Test
    void portsAreForwardedBySpdyAndOtherwiseRefusedSoThatClientsAskForSpdy() throws Exception {
        api.runPod("web", RUNNING);
        try (var runtime = new StreamingServer(StreamingServer::echo);
                var client = connect();
                var newer = connect()) {
            api.pods.streaming = runtime.uri();
            send(client, "POST", "/portforward?ports=80,8080");

            assertThat(StreamingServer.head(client.getInputStream())).startsWith("HTTP/1.1 101 ");
            assertThat(api.pods.asked.take()).isEqualTo(List.of(80, 8080));

            send(
                    newer,
                    "GET",
                    "/portforward",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io");
            assertThat(StreamingServer.head(newer.getInputStream())).startsWith("HTTP/1.1 400 ");
        }
        assertThat(api.get(POD + "/portforward?ports=x").message())
                .isEqualTo("port \"x\" is not one");
        assertThat(api.post(DEFAULT + "/pods/absent/portforward", "").code()).isEqualTo(404);
    }

    private Socket connect() throws IOException {
        var address = api.server.address();
        return api.admin.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    }

    private static void send(Socket client, String method, String path) throws IOException {
        send(client, method, path, "Upgrade: SPDY/3.1");
    }

    private static void send(Socket client, String method, String path, String... headers)
            throws IOException {
        client.getOutputStream()
                .write(
                        """
                        %s %s%s HTTP/1.1
                        Host: localhost
                        Authorization: Bearer none
                        Connection: Upgrade
                        %s
                        X-Stream-Protocol-Version: v4.channel.k8s.io

                        """
                                .formatted(method, POD, path, String.join("\n", headers))
                                .replace("\n", "\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
    }
}
