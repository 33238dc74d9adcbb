// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Where a listing goes on: after the key `after`, as of `revision`. Opaque to clients.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/>
record ContinueToken(long revision, String after) {
    private static final String VERSION = "meta.k8s.io/v1";

    /// The text form; keys are given from behind `prefix`.
    String text(String prefix) {
        var json =
                JsonObject.builder()
                        .put("v", VERSION)
                        .put("rv", revision)
                        .put("start", after.substring(prefix.length()))
                        .build();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.text().getBytes(StandardCharsets.UTF_8));
    }

    /// @throws ApiException 400 if `text` is no token
    static ContinueToken parse(String text, String prefix) {
        try {
            var decoded = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            var json = JsonReader.parseObject(decoded);
            long revision = json.number("rv", -1);
            var start = json.stringOrNull("start");
            if (json.string("v").equals(VERSION) && revision > 0 && start != null) {
                return new ContinueToken(revision, prefix + start);
            }
        } catch (IllegalArgumentException | JsonFormatException e) {
            throw notValid(text);
        }
        throw notValid(text);
    }

    private static ApiException notValid(String text) {
        return ApiException.badRequest("continue key is not valid: \"%s\"".formatted(text));
    }
}
