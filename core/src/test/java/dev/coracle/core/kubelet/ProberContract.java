// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/// What the kubelet relies on, whoever asks the containers. Each test has a prober of its own.
public interface ProberContract {
    /// Longer than any of these tests.
    Duration LONG = Duration.ofMinutes(1);

    Duration SHORT = Duration.ofMillis(300);

    /// Where a container listens, or does not.
    record Endpoint(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    Prober prober();

    /// Answers every GET.
    Endpoint answering(int statusCode, String body);

    /// Accepts connections and never says a word.
    Endpoint silent();

    Endpoint refusing();

    /// Serves the health protocol with `status` for every service.
    Endpoint health(String status);

    /// Lets time go by until `done`; fails after a while.
    void await(BooleanSupplier done);

    private List<ProbeReply> ask(ProbeCall call) {
        var told = Collections.synchronizedList(new ArrayList<ProbeReply>());
        prober().perform(call, told::add);
        return told;
    }

    private ProbeReply reply(ProbeCall call) {
        var told = ask(call);
        await(() -> !told.isEmpty());
        prober().close();
        assertThat(told).hasSize(1);
        return told.getFirst();
    }

    private static ProbeCall.HttpGet get(Endpoint endpoint, Duration timeout) {
        return new ProbeCall.HttpGet(
                ProbeCall.Scheme.HTTP,
                endpoint.host(),
                endpoint.port(),
                "/healthz",
                List.of(new ProbeCall.Header("Accept", "*/*")),
                timeout);
    }

    private static ProbeCall.TcpConnect connect(Endpoint endpoint) {
        return new ProbeCall.TcpConnect(endpoint.host(), endpoint.port(), LONG);
    }

    @Test
    default void aGetIsToldWithStatusAndBody() {
        assertThat(reply(get(answering(200, "well"), LONG)))
                .isEqualTo(new ProbeReply.Http(200, "well"));
    }

    @Test
    default void aStatusOfFailureIsAnAnswerToo() {
        assertThat(reply(get(answering(503, "ill"), LONG)))
                .isEqualTo(new ProbeReply.Http(503, "ill"));
    }

    @Test
    default void aBodyIsCutAtTenKibibytes() {
        assertThat(reply(get(answering(200, "x".repeat(20_000)), LONG)))
                .isEqualTo(new ProbeReply.Http(200, "x".repeat(10_240)));
    }

    @Test
    default void aRefusedGetSaysWhoWasAskedForWhat() {
        var endpoint = refusing();

        assertThat(reply(get(endpoint, LONG)))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "Get \"http://%s/healthz\": dial tcp %s: connect: connection refused"
                                        .formatted(endpoint, endpoint)));
    }

    @Test
    default void aGetWithoutAnAnswerEndsWithItsTimeout() {
        var endpoint = silent();

        assertThat(reply(get(endpoint, SHORT)))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "Get \"http://%s/healthz\": context deadline exceeded"
                                                .formatted(endpoint)
                                        + " (Client.Timeout exceeded while awaiting headers)"));
    }

    @Test
    default void aPortThatAcceptsIsConnectedTo() {
        assertThat(reply(connect(silent()))).isEqualTo(new ProbeReply.Connected());
    }

    @Test
    default void aPortThatRefusesSaysSo() {
        var endpoint = refusing();

        assertThat(reply(connect(endpoint)))
                .isEqualTo(
                        new ProbeReply.Failed(
                                "dial tcp " + endpoint + ": connect: connection refused"));
    }

    @Test
    default void aHealthCheckIsToldInTheWordOfItsProtocol() {
        var endpoint = health("NOT_SERVING");

        assertThat(reply(new ProbeCall.GrpcCheck(endpoint.host(), endpoint.port(), "db", LONG)))
                .isEqualTo(new ProbeReply.Grpc("NOT_SERVING"));
    }

    @Test
    default void oneHungTargetDelaysNoOther() {
        var hung = new ArrayList<List<ProbeReply>>();
        for (int i = 0; i < 200; i++) {
            hung.add(ask(get(silent(), LONG)));
        }

        assertThat(ask(get(answering(200, "well"), LONG)))
                .satisfies(told -> await(() -> !told.isEmpty()))
                .containsExactly(new ProbeReply.Http(200, "well"));
        assertThat(hung).allSatisfy(told -> assertThat(told).isEmpty());
    }

    @Test
    default void closingEndsWhatIsUnderWay() {
        var told = ask(get(silent(), LONG));

        prober().close();

        await(() -> !told.isEmpty());
        assertThat(told).hasSize(1).hasOnlyElementsOfType(ProbeReply.Failed.class);
    }
}
