// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.kubelet.RuntimeCall;
import dev.coracle.core.kubelet.RuntimeReply.Failed;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuntimeFailureTest {
    private static final RuntimeCall PULL =
            new RuntimeCall.PullImage("x", List.of(), Specs.sandbox("x", Path.of("/logs")));
    private static final RuntimeCall RUN =
            new RuntimeCall.RunPodSandbox(Specs.sandbox("x", Path.of("/logs")));
    private static final RuntimeCall START = new RuntimeCall.StartContainer("x");

    private static Failed failure(RuntimeCall call, Status status) {
        return RuntimeFailure.of(call, status.asRuntimeException());
    }

    @Test
    void aPullShowsACodeThatSaysSomething() {
        assertThat(failure(PULL, Status.UNKNOWN.withDescription("no way")))
                .isEqualTo(new Failed(Failed.Kind.REFUSED, "no way"));
        assertThat(failure(PULL, Status.NOT_FOUND.withDescription("no way")))
                .isEqualTo(
                        new Failed(
                                Failed.Kind.NOT_FOUND, "rpc error: code = NotFound desc = no way"));
    }

    @Test
    void aSandboxAlwaysShowsTheCodeAndAContainerNever() {
        assertThat(failure(RUN, Status.UNKNOWN.withDescription("no way")).message())
                .isEqualTo("rpc error: code = Unknown desc = no way");
        assertThat(failure(START, Status.NOT_FOUND.withDescription("no way")).message())
                .isEqualTo("no way");
    }

    @Test
    void codesBecomeKinds() {
        var exec = new RuntimeCall.ExecSync("x", List.of("y"), Duration.ZERO);
        assertThat(failure(exec, Status.DEADLINE_EXCEEDED).kind()).isEqualTo(Failed.Kind.TIMEOUT);
        assertThat(failure(exec, Status.UNAVAILABLE).kind()).isEqualTo(Failed.Kind.UNAVAILABLE);
        assertThat(failure(exec, Status.ALREADY_EXISTS).kind())
                .isEqualTo(Failed.Kind.ALREADY_EXISTS);
        assertThat(failure(exec, Status.CANCELLED).message())
                .isEqualTo("rpc error: code = Canceled desc = CANCELLED");
    }
}
