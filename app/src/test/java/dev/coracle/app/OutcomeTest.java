// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final JsonObject SUCCEEDED = pod("Succeeded", "[]", "[]");
    private static final JsonObject RUNNING = pod("Running", "[]", "[]");

    @Test
    void onlyPodsWithAnEndAreMeantToEnd() {
        assertThat(Outcome.isMeantToEnd(withPolicy("Never"))).isTrue();
        assertThat(Outcome.isMeantToEnd(withPolicy("OnFailure"))).isTrue();
        assertThat(Outcome.isMeantToEnd(withPolicy("Always"))).isFalse();
        assertThat(Outcome.isMeantToEnd(JsonObject.EMPTY)).isFalse();
    }

    @Test
    void aRunGoesOnWhileOnePodDoes() {
        assertThat(Outcome.exitCode(List.of(SUCCEEDED, RUNNING))).isEmpty();
        assertThat(Outcome.exitCode(List.of(failed(3), RUNNING))).isEmpty();
    }

    @Test
    void allSucceededIsZero() {
        assertThat(Outcome.exitCode(List.of(SUCCEEDED, SUCCEEDED))).hasValue(0);
    }

    @Test
    void theFirstContainerThatFailedGivesTheCode() {
        assertThat(Outcome.exitCode(List.of(SUCCEEDED, failed(3), failed(4)))).hasValue(3);
        var initFailed = pod("Failed", "[" + ended(0) + "," + ended(7) + "]", "[" + ended(9) + "]");
        assertThat(Outcome.exitCode(List.of(initFailed))).hasValue(7);
    }

    @Test
    void aPodThatFailedWithoutAContainerFailingIsOne() {
        assertThat(Outcome.exitCode(List.of(pod("Failed", "[]", "[" + ended(0) + "]"))))
                .hasValue(1);
    }

    private static JsonObject failed(int code) {
        return pod("Failed", "[]", "[" + ended(0) + "," + ended(code) + "]");
    }

    private static String ended(int code) {
        return "{\"state\":{\"terminated\":{\"exitCode\":%d}}}".formatted(code);
    }

    private static JsonObject withPolicy(String policy) {
        return JsonReader.parseObject("{\"spec\":{\"restartPolicy\":\"%s\"}}".formatted(policy));
    }

    private static JsonObject pod(String phase, String inits, String containers) {
        return JsonReader.parseObject(
                "{\"status\":{\"phase\":\"%s\",\"initContainerStatuses\":%s,\"containerStatuses\":%s}}"
                        .formatted(phase, inits, containers));
    }
}
