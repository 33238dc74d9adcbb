// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.kubelet.RuntimeCall.RegistryCredential;
import dev.coracle.core.view.Pod;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pod's `imagePullSecrets` have for the registry of an image.
///
/// <https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod>
final class PullSecrets {
    private PullSecrets() {}

    static List<RegistryCredential> of(Pod pod, String image, Lookup lookup) {
        var credentials = new ArrayList<RegistryCredential>();
        for (var reference : pod.spec().array("imagePullSecrets").objects()) {
            var key = new ObjectKey(pod.key().namespace(), reference.string("name"));
            var secret = lookup.secret(key);
            if (secret != null) {
                addMatching(auths(secret), image, credentials);
            }
        }
        return credentials;
    }

    /// Registries and their entries; empty when the secret is of another type or broken.
    private static JsonObject auths(JsonObject secret) {
        var data = secret.object("data");
        var newer = data.stringOrNull(".dockerconfigjson");
        var older = data.stringOrNull(".dockercfg");
        try {
            if (newer != null) {
                return read(newer).object("auths");
            }
            return older == null ? JsonObject.EMPTY : read(older);
        } catch (JsonFormatException | IllegalArgumentException _) {
            return JsonObject.EMPTY; // the pull then fails with the registry's own words
        }
    }

    private static JsonObject read(String base64) {
        return JsonReader.read(Base64.getDecoder().decode(base64)).value()
                        instanceof JsonObject object
                ? object
                : JsonObject.EMPTY;
    }

    private static void addMatching(
            JsonObject auths, String image, List<RegistryCredential> credentials) {
        for (var registry : auths.names()) {
            if (matches(registry, image)) {
                credentials.add(credential(auths.object(registry), registry));
            }
        }
    }

    /// `registry` may have a scheme, a path, and `*` for a part of the host name.
    private static boolean matches(String registry, String image) {
        var place = registry.replaceFirst("^https?://", "");
        int slash = place.indexOf('/');
        var host = slash < 0 ? place : place.substring(0, slash);
        var path = slash < 0 ? "" : place.substring(slash + 1).replaceFirst("/$", "");
        var imageHost = host(image);
        if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            return imageHost.equals("docker.io");
        }
        var pattern = host.replace(".", "\\.").replace("*", "[^.]*");
        return imageHost.matches(pattern)
                && (path.isEmpty()
                        || path.matches("v[12]")
                        || image.startsWith(imageHost + "/" + path));
    }

    private static String host(String image) {
        int slash = image.indexOf('/');
        var first = slash < 0 ? "" : image.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost")
                ? first
                : "docker.io";
    }

    private static RegistryCredential credential(JsonObject entry, String registry) {
        var auth = entry.stringOrNull("auth");
        var user = entry.stringOrNull("username");
        var password = entry.stringOrNull("password");
        if (user == null && auth != null) {
            var pair = decoded(auth);
            int colon = pair == null ? -1 : pair.indexOf(':');
            if (pair != null && colon >= 0) {
                user = pair.substring(0, colon);
                password = pair.substring(colon + 1);
            }
        }
        return new RegistryCredential(
                user, password, null, entry.stringOrNull("identitytoken"), registry);
    }

    private static @Nullable String decoded(String auth) {
        try {
            return new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }
}
