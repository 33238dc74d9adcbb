// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who sends a request. `uid` is empty unless the kind of identity has one.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {
    static final String AUTHENTICATED = "system:authenticated";
    static final String MASTERS = "system:masters";

    /// A request without credentials.
    public static final User ANONYMOUS =
            new User("system:anonymous", "", List.of("system:unauthenticated"), Map.of());

    public User {
        groups = List.copyOf(groups);
        extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
    }

    /// Somebody whose credentials were accepted.
    static User authenticated(
            String name, String uid, List<String> groups, Map<String, List<String>> extra) {
        var all = new ArrayList<>(groups);
        all.add(AUTHENTICATED);
        return new User(name, uid, all, extra);
    }

    boolean isIn(String group) {
        return groups.contains(group);
    }

    /// As `authentication.k8s.io/v1` writes it.
    JsonObject json() {
        var extras = JsonObject.builder();
        extra.forEach((key, values) -> extras.put(key, JsonArray.ofStrings(values)));
        return JsonObject.builder()
                .put("username", name)
                .putUnlessEmpty("uid", uid)
                .putUnlessEmpty("groups", JsonArray.ofStrings(groups))
                .putUnlessEmpty("extra", (Json) extras.build())
                .build();
    }
}
