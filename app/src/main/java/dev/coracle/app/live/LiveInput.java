// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app.live;

import dev.coracle.core.json.JsonObject;

/// Something that happened to a pod, as an outsider sees it.
public sealed interface LiveInput {

    /// A pod is new or changed; `pod` is all of it.
    record PodChanged(JsonObject pod) implements LiveInput {}

    /// A pod is gone; `pod` is its last state.
    record PodGone(JsonObject pod) implements LiveInput {}

    /// An event (`v1.Event`) is new or was counted up.
    record EventSeen(JsonObject event) implements LiveInput {}

    /// An image is being fetched; `totalBytes` is 0 as long as it is not known.
    record Pulling(String image, long doneBytes, long totalBytes) implements LiveInput {}

    /// A container wrote a line.
    record LogLine(String pod, String container, String text) implements LiveInput {}
}
