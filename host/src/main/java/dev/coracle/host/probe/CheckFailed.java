// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

/// A check without an answer; the message is the one that the kubelet is told.
final class CheckFailed extends Exception {
    private static final long serialVersionUID = 1;

    private final String words;

    CheckFailed(String message) {
        // Probes fail every second for as long as a container is ill: no stack trace.
        super(message, null, false, false);
        words = message;
    }

    /// The message, which is never null.
    String words() {
        return words;
    }
}
