// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A node that is killed leaves its packet rules, and traffic flows on; the next one takes them
/// over, and the last one takes them away.
@Timeout(300)
class ServicesOutliveTheNodeTest {
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final List<String> PODS = List.of("one", "two");

    private Path parent;
    private NodeProcess node;
    private NodeTraces traces;

    @BeforeEach
    void prepare() throws IOException {
        NodeProcess.assumeContainers();
        parent = Files.createTempDirectory("coracle-services-");
        node = new NodeProcess(parent.resolve("node"), "10.231.3.0/24", "10.230.3.0/24");
        traces = new NodeTraces(parent.resolve("node"));
    }

    @AfterEach
    void remove() throws IOException, InterruptedException {
        if (node != null) {
            node.remove();
            Files.delete(parent);
        }
    }

    @Test
    void trafficFlowsWhileTheNodeIsAwayAndItsRulesAreTakenOver() throws Exception {
        node.start();
        String ip;
        try (var client = NodeClient.of(node.kubeconfig())) {
            ip = serve(client);
        }
        SteadyLoad load = SteadyLoad.start(ip, 80, 100);
        try (load) {
            node.kill();
            awaitMore(load);
            node.start();
            awaitMore(load);
            try (var client = NodeClient.of(node.kubeconfig())) {
                assertThat(clusterIp(client.get(SERVICES + "/web").ok())).isEqualTo(ip);
                assertThat(clusterIp(create(client, SERVICES, service("next", 80))))
                        .as("of a new service")
                        .isNotEqualTo(ip);
                awaitMore(load);
            }
        }
        assertThat(load.failures()).isEmpty();
        assertThat(load.answers().keySet()).containsExactlyElementsOf(PODS);

        node.kill();
        var tables = traces.packetRules();
        assertThat(tables).isNotEmpty();
        for (var table : tables) {
            nft("delete " + table);
        }
        node.start();
        awaitAnswers(ip);
        try (var client = NodeClient.of(node.kubeconfig())) {
            client.send("DELETE", SERVICES + "/web", null).ok();
        }
        Kubectl.await("nothing is at " + ip, () -> answers(ip), String::isEmpty);

        node.stop();
        node.down();
        assertThat(traces.all()).isEmpty();
    }

    /// Two pods and a service that leads to both. Returns the address of the service.
    private static String serve(NodeClient client) throws IOException, InterruptedException {
        var ip = clusterIp(create(client, SERVICES, service("web", 80)));
        for (var pod : PODS) {
            create(client, CountingPod.PODS, pod(pod));
        }
        awaitAnswers(ip);
        return ip;
    }

    private static JsonObject create(NodeClient client, String path, String json)
            throws IOException, InterruptedException {
        return Kubectl.await(
                        "place for " + json,
                        () -> {
                            try {
                                return client.send("POST", path, json);
                            } catch (IOException | InterruptedException e) {
                                throw new AssertionError(e);
                            }
                        },
                        answer -> answer.code() == 201)
                .json();
    }

    private static String clusterIp(JsonObject service) {
        return service.object("spec").string("clusterIP");
    }

    private static String service(String name, int port) {
        return """
               {"apiVersion":"v1","kind":"Service","metadata":{"name":"%s"},
                "spec":{"selector":{"app":"web"},"ports":[{"port":%d,"targetPort":8080}]}}
               """
                .formatted(name, port);
    }

    private static String pod(String name) {
        return """
               {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","labels":{"app":"web"}},
                "spec":{"terminationGracePeriodSeconds":0,"containers":[{
                  "name":"main","image":"coracle.local/toolbox:1",
                  "command":["sh","-c","mkdir /tmp/w; hostname > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w"],
                  "readinessProbe":{"tcpSocket":{"port":8080},"periodSeconds":1,"timeoutSeconds":10}}]}}
               """
                .formatted(name);
    }

    private static void awaitMore(SteadyLoad load) {
        int before = load.answered();
        Kubectl.await("more answers", load::answered, count -> count > before + 100);
    }

    private static void awaitAnswers(String ip) {
        var seen = new HashSet<String>();
        Kubectl.await(
                "both pods answer at " + ip,
                () -> {
                    seen.add(answers(ip));
                    return seen;
                },
                names -> names.containsAll(PODS));
    }

    /// Who answers, empty for nobody.
    private static String answers(String ip) {
        try {
            return Connection.whoAnswers(ip, 80);
        } catch (IOException _) {
            return "";
        }
    }

    private static void nft(String command) throws IOException, InterruptedException {
        var process = new ProcessBuilder("nft", command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    }
}
