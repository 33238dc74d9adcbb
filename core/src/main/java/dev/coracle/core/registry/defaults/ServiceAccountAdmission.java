// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Gives every pod a service account: its name, the volume with its token, its pull secrets.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>
public final class ServiceAccountAdmission {
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String PREFIX = "kube-api-access-";
    private static final String MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX_LENGTH = 5;
    private static final JsonObject PROJECTED =
            JsonReader.parseObject(
                    """
                    {"sources": [
                      {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                      {"configMap": {"name": "kube-root-ca.crt",
                        "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                      {"downwardAPI": {"items": [{"path": "namespace",
                        "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}],
                     "defaultMode": 420}
                    """);

    private ServiceAccountAdmission() {}

    /// The name of the service account that `pod` will run as; empty for a mirror of a static pod,
    /// which has none.
    public static String accountOf(JsonObject pod) {
        var name = pod.object("spec").string("serviceAccountName");
        return isMirror(pod) || !name.isEmpty() ? name : "default";
    }

    /// Completes `pod`. `account` is the ServiceAccount [#accountOf] names, null when it does not
    /// exist; `random` draws the volume's suffix.
    ///
    /// @throws ApiException 403 if there is no such account, or a mirror pod wants one
    public static JsonObject admit(
            JsonObject pod, @Nullable JsonObject account, RandomGenerator random) {
        var name = accountOf(pod);
        if (isMirror(pod)) {
            if (!name.isEmpty()) {
                throw PodAdmission.forbidden(
                        pod, "a mirror pod may not reference service accounts");
            }
            return pod;
        }
        if (account == null) {
            throw PodAdmission.forbidden(
                    pod,
                    "error looking up service account %s/%s: serviceaccount \"%s\" not found"
                            .formatted(pod.object("metadata").string("namespace"), name, name));
        }
        var spec = pod.object("spec").with("serviceAccountName", name).with("serviceAccount", name);
        if (spec.bool(
                "automountServiceAccountToken",
                account.bool("automountServiceAccountToken", true))) {
            spec = mounted(spec, random);
        }
        var secrets = account.array("imagePullSecrets");
        if (spec.array("imagePullSecrets").isEmpty() && !secrets.isEmpty()) {
            spec = spec.with("imagePullSecrets", secrets);
        }
        return pod.with("spec", spec);
    }

    private static boolean isMirror(JsonObject pod) {
        return pod.object("metadata").object("annotations").has(MIRROR);
    }

    private static JsonObject mounted(JsonObject spec, RandomGenerator random) {
        boolean everywhere =
                List.of("initContainers", "containers").stream()
                        .flatMap(list -> spec.array(list).objects().stream())
                        .allMatch(ServiceAccountAdmission::hasMount);
        if (everywhere) {
            return spec;
        }
        var present =
                spec.array("volumes").objects().stream()
                        .filter(volume -> volume.has("projected"))
                        .map(volume -> volume.string("name"))
                        .filter(name -> name.startsWith(PREFIX))
                        .findFirst();
        var name = present.orElseGet(() -> PREFIX + suffix(random));
        var result = spec;
        if (present.isEmpty()) {
            var volume = JsonObject.of("name", Json.of(name), "projected", PROJECTED);
            result = appended(result, "volumes", volume);
        }
        var mount =
                JsonObject.builder()
                        .put("name", name)
                        .put("readOnly", true)
                        .put("mountPath", MOUNT_PATH)
                        .build();
        for (var list : List.of("initContainers", "containers")) {
            result =
                    Unset.each(
                            result,
                            list,
                            container ->
                                    hasMount(container)
                                            ? container
                                            : appended(container, "volumeMounts", mount));
        }
        return result;
    }

    private static boolean hasMount(JsonObject container) {
        return container.array("volumeMounts").objects().stream()
                .anyMatch(mount -> mount.string("mountPath").equals(MOUNT_PATH));
    }

    private static JsonObject appended(JsonObject object, String list, JsonObject element) {
        var elements = new ArrayList<Json>(object.array(list).elements());
        elements.add(element);
        return object.with(list, JsonArray.of(elements));
    }

    private static String suffix(RandomGenerator random) {
        return random.ints(SUFFIX_LENGTH, 0, SUFFIX_LETTERS.length())
                .map(SUFFIX_LETTERS::charAt)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
