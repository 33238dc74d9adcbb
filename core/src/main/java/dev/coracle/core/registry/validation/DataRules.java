// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// ConfigMaps and Secrets.
///
/// <https://kubernetes.io/docs/concepts/configuration/configmap/>
/// <https://kubernetes.io/docs/concepts/configuration/secret/#secret-types>
record DataRules(boolean secret) implements Rules {
    private static final long MAX_BYTES = 1024L * 1024;
    private static final String FROZEN = "field is immutable when `immutable` is set";
    private static final String ACCOUNT = "kubernetes.io/service-account.name";

    @Override
    public void create(JsonObject object, Causes causes) {
        if (secret) {
            secret(object, causes);
        } else {
            configMap(object, causes);
        }
    }

    @Override
    public void update(JsonObject old, JsonObject updated, Causes causes) {
        if (secret) {
            if (!updated.string("type").equals(old.string("type"))) {
                causes.invalid("type", updated.string("type"), Metadata.IMMUTABLE);
            }
        }
        if (old.bool("immutable", false)) {
            if (!updated.bool("immutable", false)) {
                causes.forbidden("immutable", FROZEN);
            }
            for (var field : List.of("data", "binaryData")) {
                if (!Metadata.same(updated.get(field), old.get(field))) {
                    causes.forbidden(field, FROZEN);
                }
            }
        }
        create(updated, causes);
    }

    private static void configMap(JsonObject map, Causes causes) {
        long bytes = 0;
        for (var entry : map.object("data").strings().entrySet()) {
            key("data", entry.getKey(), causes);
            bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
            if (map.object("binaryData").has(entry.getKey())) {
                causes.invalid(
                        "data[%s]".formatted(entry.getKey()),
                        entry.getKey(),
                        "duplicate of key present in binaryData");
            }
        }
        for (var key : map.object("binaryData").names()) {
            key("binaryData", key, causes);
            bytes += decoded(map, "binaryData", key, causes).map(b -> b.length).orElse(0);
        }
        if (bytes > MAX_BYTES) {
            causes.tooLong("[]", (int) MAX_BYTES);
        }
    }

    private static void key(String map, String key, Causes causes) {
        causes.invalidEach("%s[%s]".formatted(map, key), key, Names.configKey(key));
    }

    /// Differs from upstream: what is not base64 is refused with 422 and its path; there it is
    /// refused with 400 when the request is decoded.
    private static Optional<byte[]> decoded(
            JsonObject object, String map, String key, Causes causes) {
        try {
            return Optional.of(Base64.getDecoder().decode(object.object(map).string(key)));
        } catch (IllegalArgumentException e) {
            var path = "%s[%s]".formatted(map, key);
            causes.invalid(path, "<contents redacted>", "illegal base64 data");
            return Optional.empty();
        }
    }

    private static void secret(JsonObject secret, Causes causes) {
        long bytes = 0;
        for (var key : secret.object("data").names()) {
            key("data", key, causes);
            bytes += decoded(secret, "data", key, causes).map(b -> b.length).orElse(0);
        }
        if (bytes > MAX_BYTES) {
            causes.tooLong("data", (int) MAX_BYTES);
        }
        switch (secret.string("type")) {
            case "kubernetes.io/service-account-token" -> {
                var account = secret.object("metadata").object("annotations").string(ACCOUNT);
                if (account.isEmpty()) {
                    causes.required("metadata.annotations[" + ACCOUNT + "]");
                }
            }
            case "kubernetes.io/dockercfg" -> json(secret, ".dockercfg", causes);
            case "kubernetes.io/dockerconfigjson" -> json(secret, ".dockerconfigjson", causes);
            case "kubernetes.io/basic-auth" -> {
                var data = secret.object("data");
                if (!data.has("username") && !data.has("password")) {
                    causes.required("data[username]");
                    causes.required("data[password]");
                }
            }
            case "kubernetes.io/ssh-auth" -> required(secret, "ssh-privatekey", causes);
            case "kubernetes.io/tls" -> {
                required(secret, "tls.crt", causes);
                required(secret, "tls.key", causes);
            }
            default -> {}
        }
    }

    private static void required(JsonObject secret, String key, Causes causes) {
        if (!secret.object("data").has(key)) {
            causes.required("data[%s]".formatted(key));
        }
    }

    private static void json(JsonObject secret, String key, Causes causes) {
        if (!secret.object("data").has(key)) {
            causes.required("data[%s]".formatted(key));
            return;
        }
        decoded(secret, "data", key, causes)
                .ifPresent(
                        bytes -> {
                            try {
                                JsonReader.read(bytes);
                            } catch (JsonFormatException e) {
                                causes.invalid(
                                        "data[%s]".formatted(key),
                                        "<secret contents redacted>",
                                        "not JSON");
                            }
                        });
    }
}
