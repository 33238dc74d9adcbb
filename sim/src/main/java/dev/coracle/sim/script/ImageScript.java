// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.time.Duration;

/// What pulling an image comes to: after `pullTime` it is there, or `failure` (unless empty) is
/// what the runtime says. The first `failures` pulls fail, all when negative.
public record ImageScript(boolean present, Duration pullTime, int failures, String failure) {

    /// On the node already.
    public static ImageScript onTheNode() {
        return new ImageScript(true, Duration.ZERO, 0, "");
    }

    public static ImageScript pulledIn(Duration time) {
        return new ImageScript(false, time, 0, "");
    }

    public static ImageScript notFound(String image) {
        return new ImageScript(
                false, Duration.ofMillis(200), -1, "failed to resolve reference \"" + image + "\"");
    }

    /// The first `count` pulls fail.
    public ImageScript failing(int count, String message) {
        return new ImageScript(present, pullTime, count, message);
    }
}
