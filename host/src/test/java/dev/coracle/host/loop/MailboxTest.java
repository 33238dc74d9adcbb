// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private static final InstantSource CLOCK = InstantSource.system();

    @Test
    void whatAnOutputCameToIsTheNextInput() throws InterruptedException {
        var seen = new LinkedBlockingQueue<Integer>();
        try (var mailbox =
                new Mailbox<Integer, Integer>(
                        "doubler",
                        (input, _) -> input > 20 ? List.of() : List.of(input * 2),
                        (output, reply) -> {
                            seen.add(output);
                            reply.accept(output);
                        },
                        CLOCK,
                        _ -> {})) {
            mailbox.start();
            mailbox.tell(3);

            assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(6);
            assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(12);
            assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(24);
        }
    }

    @Test
    void aMachineThatThrowsIsReportedAndHandlesNothingMore() throws Exception {
        var crash = new CompletableFuture<Throwable>();
        var handled = new LinkedBlockingQueue<String>();
        try (var mailbox =
                new Mailbox<String, String>(
                        "fragile",
                        (input, _) -> {
                            handled.add(input);
                            throw new IllegalStateException("broken by " + input);
                        },
                        (_, _) -> {},
                        CLOCK,
                        crash::complete)) {
            mailbox.start();
            mailbox.tell("first");
            mailbox.tell("second");

            assertThat(crash.get(10, TimeUnit.SECONDS)).hasMessage("broken by first");
            assertThat(handled).containsExactly("first");
        }
    }
}
