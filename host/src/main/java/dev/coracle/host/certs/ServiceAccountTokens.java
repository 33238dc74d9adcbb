// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.json.JsonWriter;
import dev.coracle.core.registry.Registry;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Issues and verifies the tokens by which pods call the API: signed (ES256), of limited life, and
/// void as soon as the service account or the pod they are bound to is gone.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>
public final class ServiceAccountTokens {
    private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private final KeyPair keys;
    private final String keyId;
    private final String issuer;
    private final Registry registry;
    private final InstantSource clock;
    private final RandomGenerator random;

    /// `issuer` is also the audience of tokens for the API server itself. `random` only makes
    /// token identifiers; secrecy rests on the key.
    public ServiceAccountTokens(
            KeyPair keys,
            String issuer,
            Registry registry,
            InstantSource clock,
            RandomGenerator random) {
        this.keys = keys;
        this.keyId = keyId(keys);
        this.issuer = issuer;
        this.registry = registry;
        this.clock = clock;
        this.random = random;
    }

    /// An object that a token dies with.
    public record Bound(String name, String uid) {}

    /// What is asked for: no `audiences` means the API server; `pod` is null for a token that is
    /// bound to the service account alone.
    public record Request(
            String namespace,
            Bound serviceAccount,
            @Nullable Bound pod,
            @Nullable String node,
            List<String> audiences,
            Duration lifetime) {
        public Request {
            audiences = List.copyOf(audiences);
        }
    }

    public record Issued(String token, Instant expiration) {
        /// Names no secrets.
        @Override
        public String toString() {
            return "Issued[expiration=" + expiration + "]";
        }
    }

    /// Who a token speaks for.
    public record Claims(
            String namespace, Bound serviceAccount, @Nullable Bound pod, String tokenId) {}

    /// A token is not accepted; the message says why, for the log, not for the client.
    public static final class InvalidToken extends Exception {
        InvalidToken(String message) {
            super(message);
        }
    }

    public String issuer() {
        return issuer;
    }

    /// A new token. Does not look whether what it is bound to exists: verification does.
    public Issued issue(Request request) {
        long now = clock.instant().getEpochSecond();
        long expiration = now + request.lifetime().toSeconds();
        var audiences = request.audiences().isEmpty() ? List.of(issuer) : request.audiences();
        var kubernetes =
                JsonObject.builder()
                        .put("namespace", request.namespace())
                        .putUnlessEmpty("node", nodeClaim(request.node()))
                        .putUnlessEmpty("pod", claim(request.pod()))
                        .putUnlessEmpty("serviceaccount", claim(request.serviceAccount()))
                        .build();
        var claims =
                JsonObject.builder()
                        .put("aud", JsonArray.ofStrings(audiences))
                        .put("exp", expiration)
                        .put("iat", now)
                        .put("iss", issuer)
                        .put("jti", tokenId())
                        .put("kubernetes.io", kubernetes)
                        .put("nbf", now)
                        .put("sub", subject(request.namespace(), request.serviceAccount().name()))
                        .build();
        var header = JsonObject.of("alg", Json.of("ES256"), "kid", Json.of(keyId));
        var signed = encode(header) + "." + encode(claims);
        return new Issued(
                signed + "." + BASE64.encodeToString(sign(signed)),
                Instant.ofEpochSecond(expiration));
    }

    private static @Nullable JsonObject claim(@Nullable Bound bound) {
        return bound == null
                ? null
                : JsonObject.of("name", Json.of(bound.name()), "uid", Json.of(bound.uid()));
    }

    private static @Nullable JsonObject nodeClaim(@Nullable String node) {
        return node == null ? null : JsonObject.of("name", Json.of(node));
    }

    /// A random UUID (version 4).
    private String tokenId() {
        synchronized (random) {
            long high = (random.nextLong() & ~0xF000L) | 0x4000L;
            long low = (random.nextLong() & ~0xC000_0000_0000_0000L) | 0x8000_0000_0000_0000L;
            return new java.util.UUID(high, low).toString();
        }
    }

    /// `system:serviceaccount:NAMESPACE:NAME`.
    public static String subject(String namespace, String name) {
        return "system:serviceaccount:" + namespace + ":" + name;
    }

    /// Who `token` speaks for at the API server.
    ///
    /// @throws InvalidToken if it was not signed here, is not for the API server, has expired, or
    ///     what it is bound to is gone
    public Claims verify(String token) throws InvalidToken {
        var parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw new InvalidToken("not a token of three parts");
        }
        if (!"ES256".equals(decode(parts[0]).string("alg"))) {
            throw new InvalidToken("not signed with ES256");
        }
        if (!isSigned(parts[0] + "." + parts[1], parts[2])) {
            throw new InvalidToken("the signature is not ours");
        }
        var claims = decode(parts[1]);
        checkTimes(claims);
        if (!issuer.equals(claims.string("iss"))) {
            throw new InvalidToken("issued by \"%s\"".formatted(claims.string("iss")));
        }
        if (!claims.array("aud").strings().contains(issuer)) {
            throw new InvalidToken("meant for " + claims.array("aud"));
        }
        return bound(claims);
    }

    private void checkTimes(JsonObject claims) throws InvalidToken {
        var now = clock.instant();
        if (now.isAfter(Instant.ofEpochSecond(claims.number("exp", 0)))) {
            throw new InvalidToken("expired");
        }
        if (now.plus(CLOCK_SKEW).isBefore(Instant.ofEpochSecond(claims.number("nbf", 0)))) {
            throw new InvalidToken("not valid yet");
        }
    }

    private Claims bound(JsonObject claims) throws InvalidToken {
        var kubernetes = claims.object("kubernetes.io");
        var namespace = kubernetes.string("namespace");
        var account = existing("serviceaccounts", namespace, kubernetes.object("serviceaccount"));
        var pod =
                kubernetes.has("pod")
                        ? existing("pods", namespace, kubernetes.object("pod"))
                        : null;
        return new Claims(namespace, account, pod, claims.string("jti"));
    }

    private Bound existing(String plural, String namespace, JsonObject claim) throws InvalidToken {
        var bound = new Bound(claim.string("name"), claim.string("uid"));
        try {
            var object = registry.get(type(plural), new ObjectKey(namespace, bound.name()));
            if (object.object("metadata").string("uid").equals(bound.uid())) {
                return bound;
            }
        } catch (ApiException e) {
            if (!e.is(Status.Reason.NOT_FOUND)) {
                throw e;
            }
        }
        throw new InvalidToken(
                "%s %s/%s (%s) is gone".formatted(plural, namespace, bound.name(), bound.uid()));
    }

    private ResourceType type(String plural) {
        return registry.types().stream()
                .filter(type -> type.group().isEmpty() && type.plural().equals(plural))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(plural + " are not served"));
    }

    private byte[] sign(String text) {
        try {
            var signature = Signature.getInstance(ALGORITHM);
            signature.initSign(keys.getPrivate());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the key was read as one for this algorithm
        }
    }

    private boolean isSigned(String text, String encodedSignature) {
        try {
            var signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(keys.getPublic());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return signature.verify(Base64.getUrlDecoder().decode(encodedSignature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // not even the form of a signature
        }
    }

    private static String encode(JsonObject object) {
        return BASE64.encodeToString(JsonWriter.bytes(object));
    }

    private static JsonObject decode(String part) throws InvalidToken {
        try {
            if (JsonReader.read(Base64.getUrlDecoder().decode(part)).value()
                    instanceof JsonObject object) {
                return withAudienceList(object);
            }
        } catch (IllegalArgumentException | JsonFormatException e) {
            throw new InvalidToken("damaged: " + e.getMessage());
        }
        throw new InvalidToken("damaged: not a JSON object");
    }

    /// JWT allows one audience without a list.
    /// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3>
    private static JsonObject withAudienceList(JsonObject claims) {
        return claims.get("aud") instanceof JsonString audience
                ? claims.with("aud", JsonArray.of(audience))
                : claims;
    }

    private static String keyId(KeyPair keys) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded());
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }
}
