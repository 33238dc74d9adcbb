// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Arranges a merged list. The patch's elements keep the patch's order and the server's own keep
/// theirs; where an element of either kind stands among the other is what it was before, as far as
/// that is known.
///
/// With `[a, b, c]` on the server and `[c, a]` in the patch: `b` came before `c`, so `[b, c, a]`.
///
/// `key` tells elements apart; when it is empty they are scalars.
final class ElementOrder {
    private final String key;
    private final Map<Json, Integer> server;

    ElementOrder(String key, List<Json> server) {
        this.key = key;
        this.server = positions(server);
    }

    private Map<Json, Integer> positions(List<Json> elements) {
        var positions = HashMap.<Json, Integer>newHashMap(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            positions.putIfAbsent(identity(elements.get(i), key), i);
        }
        return positions;
    }

    JsonArray arrange(JsonArray merged, JsonArray order) {
        var wanted = positions(order.elements());
        var ours = new ArrayList<Json>();
        var theirs = new ArrayList<Json>();
        for (var element : merged) {
            (wanted.containsKey(identity(element, key)) ? ours : theirs).add(element);
        }
        ours.sort(Comparator.comparingInt(e -> wanted.getOrDefault(identity(e, key), 0)));
        theirs.sort(Comparator.comparingInt(this::position));
        return interleave(theirs, ours);
    }

    private int position(Json element) {
        return server.getOrDefault(identity(element, key), Integer.MAX_VALUE);
    }

    private JsonArray interleave(List<Json> theirs, List<Json> ours) {
        var all = new ArrayList<Json>(theirs.size() + ours.size());
        int next = 0;
        for (var element : ours) {
            var known = server.get(identity(element, key));
            while (known != null && next < theirs.size() && position(theirs.get(next)) < known) {
                all.add(theirs.get(next));
                next++;
            }
            all.add(element);
        }
        all.addAll(theirs.subList(next, theirs.size()));
        return JsonArray.of(all);
    }

    /// What tells an element from others: the value under its key, or the scalar itself.
    static Json identity(Json element, String key) {
        if (key.isEmpty()) {
            return element;
        }
        var value = element instanceof JsonObject object ? object.get(key) : null;
        return value == null ? JsonNull.NULL : value;
    }

    /// @throws dev.coracle.core.api.ApiException 422 if an element of a patch has no key
    static JsonObject withKey(JsonObject element, String key) {
        if (element.has(key)) {
            return element;
        }
        throw Patches.unfit(
                "map: %s does not contain declared merge key: %s".formatted(element.text(), key));
    }
}
