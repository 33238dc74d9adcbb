// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.app.live.LiveLine.Log;
import dev.coracle.app.live.LiveLine.Progress;
import dev.coracle.app.live.LiveLine.Step;
import dev.coracle.app.live.LiveLine.Tone;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScreenTest {
    private static final Step STARTED =
            new Step(Duration.ofMillis(1500), "web", "nginx", "started", Tone.GOOD);
    private static final Progress PULLING =
            new Progress(Duration.ofMillis(300), "pulling busybox 43%");

    @Test
    void elsewhereThereAreNoControlCodesAndNoProgress() {
        assertThat(shown(false, false, PULLING, STARTED, new Log("web", "nginx", "hello")))
                .isEqualTo("  +1.5s  pod/web      nginx  started\nnginx | hello\n");
    }

    @Test
    void onATerminalTheNextLineTakesThePlaceOfProgress() {
        assertThat(shown(true, false, PULLING, PULLING, STARTED))
                .isEqualTo(
                        "\u001b[2m  +0.3s  pulling busybox 43%\u001b[0m"
                                + "\r\u001b[K"
                                + "\u001b[2m  +0.3s  pulling busybox 43%\u001b[0m"
                                + "\r\u001b[K"
                                + "\u001b[2m  +1.5s\u001b[0m  pod/web      nginx "
                                + " \u001b[32mstarted\u001b[0m\n");
    }

    @Test
    void logsOfSeveralPodsSayWhoseTheyAre() {
        assertThat(shown(false, true, new Log("web", "nginx", "hello")))
                .isEqualTo("web/nginx | hello\n");
    }

    @Test
    void everyContainerKeepsItsColour() {
        assertThat(
                        shown(
                                true,
                                false,
                                new Log("p", "a", "1"),
                                new Log("p", "b", "2"),
                                new Log("p", "a", "3")))
                .isEqualTo(
                        "\u001b[36ma |\u001b[0m 1\n"
                                + "\u001b[35mb |\u001b[0m 2\n"
                                + "\u001b[36ma |\u001b[0m 3\n");
    }

    @ParameterizedTest
    @CsvSource({"0, '  +0.0s'", "12345, ' +12.3s'", "59999, ' +60.0s'", "185000, ' +3m05s'"})
    void theClockIsSevenWide(long millis, String text) {
        assertThat(Screen.clock(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 kB", "2800000, 2.8 MB", "999950, 1.0 MB"})
    void sizesAreForPeople(long bytes, String text) {
        assertThat(Bytes.of(bytes)).isEqualTo(text);
    }

    private static String shown(boolean terminal, boolean severalPods, LiveLine... lines) {
        var text = new StringWriter();
        var screen = new Screen(new PrintWriter(text), terminal, severalPods, 7);
        for (var line : lines) {
            screen.show(line);
        }
        return text.toString();
    }
}
