// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.api.Status;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.Registry;
import dev.coracle.host.certs.ServiceAccountTokens;
import dev.coracle.host.certs.ServiceAccountTokens.Bound;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers `serviceaccounts/NAME/token`.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
final class TokenRequests {
    private static final long DEFAULT_SECONDS = 3600;
    private static final long LEAST_SECONDS = 600;
    private static final long MOST_SECONDS = 1L << 32;

    private final Registry registry;
    private final ServiceAccountTokens tokens;
    private final ResourceType pods;

    TokenRequests(Registry registry, ServiceAccountTokens tokens, ResourceType pods) {
        this.registry = registry;
        this.tokens = tokens;
        this.pods = pods;
    }

    /// `request` with its status.
    JsonObject answer(ResourceType accounts, ObjectKey key, JsonObject request) {
        var account = registry.get(accounts, key);
        var spec = request.object("spec");
        long seconds = spec.number("expirationSeconds", DEFAULT_SECONDS);
        check(key, seconds);
        var reference = spec.object("boundObjectRef");
        var pod = reference.isEmpty() ? null : pod(key.namespace(), reference);
        if (pod != null) {
            checkAccount(pod, key);
        }
        var issued =
                tokens.issue(
                        new ServiceAccountTokens.Request(
                                key.namespace(),
                                bound(account),
                                pod == null ? null : bound(pod),
                                pod == null ? null : nodeOf(pod),
                                spec.array("audiences").strings(),
                                Duration.ofSeconds(seconds)));
        var status =
                JsonObject.builder()
                        .put("token", issued.token())
                        .put(
                                "expirationTimestamp",
                                issued.expiration().truncatedTo(ChronoUnit.SECONDS).toString())
                        .build();
        return request.with("metadata", m -> m.with("name", key.name()))
                .with("metadata", m -> m.with("namespace", key.namespace()))
                .with("spec", s -> s.with("expirationSeconds", seconds))
                .with("status", status);
    }

    private static void check(ObjectKey key, long seconds) {
        var causes = new ArrayList<Status.Cause>();
        if (seconds < LEAST_SECONDS) {
            causes.add(invalid(seconds, "may not specify a duration less than 10 minutes"));
        } else if (seconds > MOST_SECONDS) {
            causes.add(invalid(seconds, "may not specify a duration larger than 2^32 seconds"));
        }
        if (!causes.isEmpty()) {
            var type =
                    new ResourceType(
                            "authentication.k8s.io",
                            "v1",
                            "tokenrequests",
                            "tokenrequest",
                            "TokenRequest",
                            true,
                            List.of(),
                            List.of());
            throw new ApiException(Status.invalid(type, key.name(), causes));
        }
    }

    private static Status.Cause invalid(long seconds, String why) {
        return new Status.Cause(
                "FieldValueInvalid",
                "Invalid value: %d: %s".formatted(seconds, why),
                "spec.expirationSeconds");
    }

    private JsonObject pod(String namespace, JsonObject reference) {
        if (!reference.string("kind").equals("Pod")
                || !reference.string("apiVersion").equals("v1")) {
            throw ApiException.badRequest(
                    "cannot bind token for serviceaccount to object type %s %s"
                            .formatted(reference.string("apiVersion"), reference.string("kind")));
        }
        var name = reference.string("name");
        var pod = registry.get(pods, new ObjectKey(namespace, name));
        var uid = reference.string("uid");
        var real = pod.object("metadata").string("uid");
        if (!uid.isEmpty() && !uid.equals(real)) {
            throw new ApiException(
                    Status.conflict(
                            pods,
                            name,
                            ("the UID in the bound object reference (%s) does not match the UID in"
                                            + " record. The object might have been deleted and then"
                                            + " recreated")
                                    .formatted(uid)));
        }
        return pod;
    }

    private static void checkAccount(JsonObject pod, ObjectKey account) {
        var own = pod.object("spec").string("serviceAccountName");
        if (!own.equals(account.name())) {
            throw ApiException.badRequest(
                    "cannot bind token for serviceaccount \"%s\" to pod running with different"
                                    .formatted(account.name())
                            + " serviceaccount name");
        }
    }

    private static Bound bound(JsonObject object) {
        var metadata = object.object("metadata");
        return new Bound(metadata.string("name"), metadata.string("uid"));
    }

    private static @Nullable String nodeOf(JsonObject pod) {
        var node = pod.object("spec").string("nodeName");
        return node.isEmpty() ? null : node;
    }
}
