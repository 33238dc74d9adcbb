// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller.endpoints;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.controller.Write;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/// How to get from the slices there are to the endpoints there should be with few and small
/// changes: what is right stays where it is, what is new fills up slices that change anyway, and
/// slices that would be made are made of such as would be deleted.
///
/// A slice holds endpoints with the same ports, at most `most` of them.
///
/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>,
/// "Distribution of EndpointSlices"
final class SlicePlan {
    private final int most;
    private final List<JsonObject> unchanged = new ArrayList<>();
    private final List<Draft> drafts = new ArrayList<>();
    private final List<JsonObject> free = new ArrayList<>();

    /// A slice that is to be written: made anew where `existing` is empty.
    record Draft(JsonObject existing, JsonArray ports, List<JsonObject> endpoints) {}

    private SlicePlan(int most) {
        this.most = most;
    }

    /// `existing` are the slices of one service and family; `wanted` are endpoints by their ports.
    static SlicePlan of(
            List<JsonObject> existing, Map<JsonArray, List<JsonObject>> wanted, int most) {
        var plan = new SlicePlan(most);
        var byPorts = new LinkedHashMap<JsonArray, List<JsonObject>>();
        for (var slice : existing) {
            byPorts.computeIfAbsent(slice.array("ports"), _ -> new ArrayList<>()).add(slice);
        }
        wanted.forEach(
                (ports, endpoints) ->
                        plan.arrange(ports, endpoints, byPorts.getOrDefault(ports, List.of())));
        byPorts.forEach(
                (ports, slices) -> {
                    if (!wanted.containsKey(ports)) {
                        plan.free.addAll(slices);
                    }
                });
        return plan;
    }

    private void arrange(JsonArray ports, List<JsonObject> wanted, List<JsonObject> slices) {
        var left = new LinkedHashMap<JsonObject, JsonObject>();
        wanted.forEach(endpoint -> left.put(identity(endpoint), endpoint));
        var kept = new ArrayList<JsonObject>();
        var changing = new ArrayList<Draft>();
        for (var slice : slices) {
            var before = slice.array("endpoints").objects();
            var after =
                    before.stream()
                            .map(endpoint -> left.remove(identity(endpoint)))
                            .filter(Objects::nonNull)
                            .toList();
            if (after.isEmpty()) {
                free.add(slice);
            } else if (after.equals(before)) {
                kept.add(slice);
            } else {
                changing.add(new Draft(slice, ports, new ArrayList<>(after)));
            }
        }
        var rest = new ArrayList<>(left.values());
        for (var draft : byRoom(changing, draft -> draft.endpoints().size())) {
            move(rest, draft);
        }
        while (!rest.isEmpty()) {
            var roomy = fullestWithRoom(kept, rest.size());
            var draft =
                    new Draft(roomy, ports, new ArrayList<>(roomy.array("endpoints").objects()));
            kept.remove(roomy);
            move(rest, draft);
            changing.add(draft);
        }
        unchanged.addAll(kept);
        drafts.addAll(changing);
    }

    private static <T> List<T> byRoom(List<T> all, ToIntFunction<T> size) {
        return all.stream().sorted(Comparator.comparingInt(size).reversed()).toList();
    }

    private void move(List<JsonObject> rest, Draft draft) {
        int count = Math.min(rest.size(), most - draft.endpoints().size());
        if (count > 0) {
            var moved = rest.subList(0, count);
            draft.endpoints().addAll(moved);
            moved.clear();
        }
    }

    /// The slice that takes all of `count` and is then the fullest; a new one if there is none, or
    /// if they fill one.
    private JsonObject fullestWithRoom(List<JsonObject> slices, int count) {
        return slices.stream()
                .filter(slice -> slice.array("endpoints").size() + count <= most)
                .max(Comparator.comparingInt(slice -> slice.array("endpoints").size()))
                .orElse(JsonObject.EMPTY);
    }

    /// What makes an endpoint the same one: where it is and whom it stands for.
    private static JsonObject identity(JsonObject endpoint) {
        return JsonObject.builder()
                .put("addresses", endpoint.array("addresses"))
                .putUnlessEmpty("targetRef", endpoint.get("targetRef"))
                .build();
    }

    boolean isEmpty() {
        return unchanged.isEmpty() && drafts.isEmpty();
    }

    /// One slice without anything, so that there is one: the only one there is, if it is so
    /// already.
    void addPlaceholder() {
        if (free.size() == 1
                && free.getFirst().array("endpoints").isEmpty()
                && free.getFirst().array("ports").isEmpty()) {
            unchanged.add(free.removeFirst());
        } else {
            drafts.add(new Draft(JsonObject.EMPTY, JsonArray.EMPTY, List.of()));
        }
    }

    List<JsonObject> unchanged() {
        return List.copyOf(unchanged);
    }

    /// What is to be written; new slices reuse those that would go.
    List<Draft> drafts() {
        var reusable = new ArrayList<>(free);
        var result = new ArrayList<Draft>();
        for (var draft : drafts) {
            boolean reuses = draft.existing().isEmpty() && !reusable.isEmpty();
            result.add(
                    reuses
                            ? new Draft(reusable.removeFirst(), draft.ports(), draft.endpoints())
                            : draft);
        }
        return result;
    }

    /// Slices that nothing is left of.
    List<JsonObject> deleted() {
        Set<ObjectKey> written = new HashSet<>();
        drafts().forEach(draft -> written.add(ObjectKey.of(draft.existing())));
        return free.stream().filter(slice -> !written.contains(ObjectKey.of(slice))).toList();
    }

    /// What is to be written and deleted. Beside ports and endpoints, a new slice has what `fresh`
    /// makes, one whose endpoints change what `changing` makes of it, and one whose endpoints stay
    /// what `staying` does.
    List<Write> writes(
            ResourceType type,
            Supplier<JsonObject> fresh,
            UnaryOperator<JsonObject> changing,
            UnaryOperator<JsonObject> staying) {
        var writes = new ArrayList<Write>();
        for (var draft : drafts()) {
            var existing = draft.existing();
            if (existing.isEmpty()) {
                var slice = filled(fresh.get(), draft);
                writes.add(new Write.Create(type, ObjectKey.of(slice).namespace(), slice));
            } else {
                writes.add(update(type, filled(changing.apply(existing), draft)));
            }
        }
        for (var slice : unchanged) {
            var updated = staying.apply(slice);
            if (!updated.equals(slice)) {
                writes.add(update(type, updated));
            }
        }
        deleted().forEach(slice -> writes.add(delete(type, slice)));
        return writes;
    }

    private static Write update(ResourceType type, JsonObject slice) {
        return new Write.Update(type, ObjectKey.of(slice), "", slice);
    }

    static Write delete(ResourceType type, JsonObject slice) {
        return new Write.Delete(type, ObjectKey.of(slice), DeleteOptions.NONE);
    }

    /// `draft`'s ports and endpoints in `slice`.
    private static JsonObject filled(JsonObject slice, Draft draft) {
        return slice.with("endpoints", JsonArray.of((List<? extends Json>) draft.endpoints()))
                .with("ports", draft.ports());
    }
}
