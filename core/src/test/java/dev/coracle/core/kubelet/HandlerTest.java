// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.Handler.Asker;
import dev.coracle.core.kubelet.ProbeCall.Header;
import dev.coracle.core.kubelet.ProbeCall.Scheme;
import dev.coracle.core.view.Pod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandlerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Header AGENT = new Header("User-Agent", "kube-probe/1.36");
    private static final Header ACCEPT = new Header("Accept", "*/*");

    @Test
    void thePodsAddressAndANamedPort() throws ConfigException {
        assertThat(call("{\"httpGet\": {\"path\": \"/ready?deep\", \"port\": \"http\"}}"))
                .isEqualTo(
                        new ProbeCall.HttpGet(
                                Scheme.HTTP,
                                "10.0.0.5",
                                8080,
                                "/ready?deep",
                                List.of(AGENT, ACCEPT),
                                SECOND));
    }

    @Test
    void everythingGiven() throws ConfigException {
        var probe =
                """
                {"httpGet": {"scheme": "HTTPS", "host": "example.org", "port": 443, "path": "/",
                  "httpHeaders": [{"name": "Host", "value": "other"}, {"name": "accept", "value": ""},
                                  {"name": "User-Agent", "value": "me"}]}}""";
        assertThat(call(probe))
                .isEqualTo(
                        new ProbeCall.HttpGet(
                                Scheme.HTTPS,
                                "example.org",
                                443,
                                "/",
                                List.of(
                                        new Header("Host", "other"),
                                        new Header("User-Agent", "me")),
                                SECOND));
    }

    @Test
    void tcpAndGrpc() throws ConfigException {
        assertThat(call("{\"tcpSocket\": {\"port\": 8081}}"))
                .isEqualTo(new ProbeCall.TcpConnect("10.0.0.5", 8081, SECOND));
        assertThat(call("{\"grpc\": {\"port\": 9000, \"service\": \"db\"}}"))
                .isEqualTo(new ProbeCall.GrpcCheck("10.0.0.5", 9000, "db", SECOND));
    }

    @Test
    void aNameThatIsNoPortMayBeANumber() throws ConfigException {
        assertThat(call("{\"tcpSocket\": {\"port\": \"8082\"}}"))
                .isEqualTo(new ProbeCall.TcpConnect("10.0.0.5", 8082, SECOND));
        assertThatThrownBy(() -> call("{\"tcpSocket\": {\"port\": \"web\"}}"))
                .hasMessage("strconv.Atoi: parsing \"web\": invalid syntax");
        assertThatThrownBy(() -> call("{\"tcpSocket\": {\"port\": \"70000\"}}"))
                .hasMessage("invalid port number: 70000");
    }

    private static ProbeCall call(String probe) throws ConfigException {
        var pod =
                """
                {"metadata": {"name": "web", "namespace": "default", "uid": "u"},
                 "spec": {"containers": [
                   {"name": "app", "ports": [{"name": "http", "containerPort": 8080}]}]}}""";
        return Handler.call(
                Handler.of(JsonReader.parseObject(probe)),
                Pod.of(JsonReader.parseObject(pod)).containers().getFirst(),
                "10.0.0.5",
                Asker.PROBE,
                SECOND);
    }
}
