// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What has to be taken from a map, and what put into it; a key whose value is another one is in
/// both, so that `gone` holds all old values.
///
/// @param <K> the keys
/// @param <V> the values
public record Difference<K extends Comparable<K>, V>(SortedMap<K, V> gone, SortedMap<K, V> put) {

    static <K extends Comparable<K>, V> Difference<K, V> between(
            SortedMap<K, V> before, SortedMap<K, V> after) {
        var gone = new TreeMap<K, V>();
        var put = new TreeMap<K, V>();
        before.forEach(
                (key, value) -> {
                    if (!Objects.equals(value, after.get(key))) {
                        gone.put(key, value);
                    }
                });
        after.forEach(
                (key, value) -> {
                    if (!Objects.equals(value, before.get(key))) {
                        put.put(key, value);
                    }
                });
        return new Difference<>(
                Collections.unmodifiableSortedMap(gone), Collections.unmodifiableSortedMap(put));
    }

    /// Of a set.
    static <K extends Comparable<K>> Difference<K, Boolean> of(
            SortedSet<K> gone, SortedSet<K> put) {
        return new Difference<>(asMap(gone), asMap(put));
    }

    static <K extends Comparable<K>> Difference<K, Boolean> between(
            SortedSet<K> before, SortedSet<K> after) {
        return between(asMap(before), asMap(after));
    }

    private static <K> SortedMap<K, Boolean> asMap(SortedSet<K> keys) {
        var map = new TreeMap<K, Boolean>();
        keys.forEach(key -> map.put(key, true));
        return map;
    }

    boolean isEmpty() {
        return gone.isEmpty() && put.isEmpty();
    }

    /// Every key that is not as it was.
    SortedSet<K> keys() {
        var keys = new TreeSet<>(gone.keySet());
        keys.addAll(put.keySet());
        return keys;
    }
}
