// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.kubelet.Prober;
import dev.coracle.core.kubelet.ProberContract;
import dev.coracle.sim.script.ContainerScript;
import dev.coracle.sim.script.Endpoint.Answer;
import dev.coracle.sim.script.Endpoint.Reply;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The contract in virtual time.
class ScriptedProberContractTest implements ProberContract {
    private final Play play = new Play();
    private int port = 8_000;

    @Override
    public Prober prober() {
        return play.prober;
    }

    /// A container of its own that listens on a port of its own.
    private Endpoint saying(Reply reply) {
        port++;
        var name = "app-" + port;
        var answer = new Answer(Duration.ZERO, Duration.ZERO, reply);
        play.runtime.container(
                name,
                ContainerScript.runs()
                        .listening(
                                new dev.coracle.sim.script.Endpoint(port, null, List.of(answer))));
        play.start(name);
        return new Endpoint(play.ip(), port);
    }

    @Override
    public Endpoint answering(int statusCode, String body) {
        return saying(new Reply.Http(statusCode, body));
    }

    @Override
    public Endpoint silent() {
        return saying(new Reply.Accepts());
    }

    @Override
    public Endpoint refusing() {
        return saying(new Reply.Refuses());
    }

    @Override
    public Endpoint health(String status) {
        return saying(new Reply.Grpc(status));
    }

    @Override
    public void await(BooleanSupplier done) {
        for (int i = 0; i < 100_000; i++) {
            if (done.getAsBoolean()) {
                return;
            }
            play.world.advance(Duration.ofMillis(1));
        }
        throw new AssertionError("not in 100 s");
    }
}
