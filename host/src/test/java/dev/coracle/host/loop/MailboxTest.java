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
        var mailbox =
                new Mailbox<Integer, Integer>(
                        (input, _) -> input > 20 ? List.of() : List.of(input * 2),
                        (output, reply) -> {
                            seen.add(output);
                            reply.accept(output);
                        },
                        CLOCK);
        try (var workers = new Workers(_ -> {})) {
            mailbox.start("doubler", workers);
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
        var mailbox =
                new Mailbox<String, String>(
                        (input, _) -> {
                            handled.add(input);
                            throw new IllegalStateException("broken by " + input);
                        },
                        (_, _) -> {},
                        CLOCK);
        try (var workers = new Workers(crash::complete)) {
            mailbox.start("fragile", workers);
            mailbox.tell("first");
            mailbox.tell("second");

            assertThat(crash.get(10, TimeUnit.SECONDS)).hasMessage("broken by first");
            assertThat(handled).containsExactly("first");
        }
    }
}
