// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A pod whose one container writes 0, 1, 2, ... to its log, so that a line that is lost, and a
/// container that was started anew, are seen.
record CountingPod(String name) {
    static final String PODS = "/api/v1/namespaces/default/pods";

    private static final String COUNT =
            "trap 'exit 0' TERM; i=0; while true; do echo $i; i=$((i+1)); sleep 0.05; done";

    String manifest() {
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},
                 "spec":{"terminationGracePeriodSeconds":1,"containers":[{
                   "name":"main","image":"coracle.local/toolbox:1",
                   "command":["sh","-c","%s"]}]}}
                """
                .formatted(name, COUNT);
    }

    void create(NodeClient client) throws IOException, InterruptedException {
        client.send("POST", PODS, manifest()).ok();
    }

    JsonObject read(NodeClient client) {
        return client.look(PODS + "/" + name).ok();
    }

    /// The status of its container.
    static JsonObject container(JsonObject pod) {
        return pod.object("status").array("containerStatuses").objects().stream()
                .findFirst()
                .orElse(JsonObject.EMPTY);
    }

    JsonObject awaitRunning(NodeClient client) {
        return Kubectl.await(
                "pod " + name + " runs",
                () -> read(client),
                pod -> container(pod).object("state").has("running"));
    }

    void awaitGone(NodeClient client) {
        Kubectl.await(
                "pod " + name + " is gone",
                () -> client.look(PODS + "/" + name).code(),
                code -> code == 404);
    }

    /// Requires that its container is the one that it was, and that its log has no gap. Returns
    /// how many lines there are.
    int requireAdopted(NodeClient client, JsonObject before, String when)
            throws IOException, InterruptedException {
        var now = container(read(client));
        assertThat(now.string("containerID"))
                .as("container of %s %s", name, when)
                .isEqualTo(container(before).string("containerID"));
        assertThat(now.number("restartCount", -1)).as("restarts of %s %s", name, when).isZero();
        var lines = log(client);
        requireCount(lines, 0, when);
        return lines.size();
    }

    List<String> log(NodeClient client) throws IOException, InterruptedException {
        var answer = client.get(PODS + "/" + name + "/log");
        assertThat(answer.code()).as(answer.text()).isEqualTo(200);
        return answer.text().lines().toList();
    }

    private void requireCount(List<String> lines, int first, String when) {
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i))
                    .as("line %d of %s %s", i, name, when)
                    .isEqualTo(Integer.toString(first + i));
        }
    }

    /// Requires that lines that are written from now on arrive at whoever follows the log.
    void requireFollowed(NodeClient client, String when) throws IOException, InterruptedException {
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                client.follow(PODS + "/" + name + "/log?follow=true&tailLines=1"),
                                StandardCharsets.UTF_8))) {
            int last = Integer.parseInt(lines.readLine());
            requireCount(List.of(lines.readLine(), lines.readLine()), last + 1, when);
        }
    }
}
