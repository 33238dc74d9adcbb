// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.EndpointSlice;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A change of an endpoint slice, about to be written, that takes endpoints away: what was written
/// at `revision` becomes `next`, or goes where that is null.
///
/// Rules that follow the objects are late by as long as the kernel takes to get them. Who reads
/// that an endpoint is not ready any more has a right to find it unused: it leaves the rules first.
public record Withdrawal(ObjectKey slice, long revision, @Nullable EndpointSlice next) {

    /// What the change of a slice from `current`, written at `revision`, to `next` takes away; null
    /// when that is nothing.
    public static @Nullable Withdrawal of(
            JsonObject current, long revision, @Nullable JsonObject next) {
        var before = EndpointSlice.of(current);
        var after = next == null ? null : EndpointSlice.of(next);
        return after != null && keepsAll(before, after)
                ? null
                : new Withdrawal(before.key(), revision, after);
    }

    private static boolean keepsAll(EndpointSlice before, EndpointSlice after) {
        return after.service().equals(before.service())
                && after.addressType().equals(before.addressType())
                && after.ports().equals(before.ports())
                && used(after).containsAll(used(before));
    }

    /// What rules may send packets to, and on which condition: those that are ending are only used
    /// where no other is ready.
    private record Used(String address, String nodeName, boolean ready) {}

    private static Set<Used> used(EndpointSlice slice) {
        var used = new HashSet<Used>();
        for (var endpoint : slice.endpoints()) {
            boolean ending = endpoint.serving() && endpoint.terminating();
            if (!endpoint.addresses().isEmpty() && (endpoint.ready() || ending)) {
                used.add(
                        new Used(
                                endpoint.addresses().getFirst(),
                                endpoint.nodeName(),
                                endpoint.ready()));
            }
        }
        return used;
    }

    /// Whether the slice, as it was written at `told`, is news that this withdrawal did not know:
    /// itself, or what somebody else wrote instead.
    boolean isOver(long told) {
        return told > revision;
    }
}
