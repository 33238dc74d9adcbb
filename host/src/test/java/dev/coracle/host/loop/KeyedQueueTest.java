// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyedQueueTest {
    @Test
    void tasksOfOneKeyRunInTheirOrder() throws InterruptedException {
        var queue = new KeyedQueue("test", _ -> {});
        var ran = new ConcurrentLinkedQueue<Integer>();
        var done = new CountDownLatch(1_000);
        IntStream.range(0, 1_000)
                .forEach(
                        i ->
                                queue.add(
                                        "one",
                                        () -> {
                                            ran.add(i);
                                            done.countDown();
                                        }));

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
    }

    @Test
    void oneKeyDoesNotWaitForAnother() throws InterruptedException {
        var queue = new KeyedQueue("test", _ -> {});
        var release = new CountDownLatch(1);
        var other = new CountDownLatch(1);
        queue.add("stuck", () -> await(release));
        queue.add("free", other::countDown);

        assertThat(other.await(30, TimeUnit.SECONDS)).isTrue();
        release.countDown();
    }

    @Test
    void aTaskThatThrowsIsReportedAndEndsItsKey() throws Exception {
        var crash = new CompletableFuture<Throwable>();
        var queue = new KeyedQueue("test", crash::complete);
        var ran = new ConcurrentLinkedQueue<String>();
        var begin = new CountDownLatch(1);
        queue.add("key", () -> await(begin));
        queue.add(
                "key",
                () -> {
                    throw new IllegalStateException("broken");
                });
        queue.add("key", () -> ran.add("after"));
        begin.countDown();

        assertThat(crash.get(30, TimeUnit.SECONDS)).hasMessage("broken");
        assertThat(List.copyOf(ran)).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
