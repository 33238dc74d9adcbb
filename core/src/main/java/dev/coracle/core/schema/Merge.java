// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import java.util.List;
import java.util.Set;

/// How the values of one field are merged.
///
/// `listType` and `listMapKeys` are for server-side apply, `strategies` and `patchMergeKey` (empty:
/// elements are compared whole) for strategic merge patches. `keepEmpty`: an empty list is not the
/// same as none.
///
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>
public record Merge(
        ListType listType,
        List<String> listMapKeys,
        Set<Strategy> strategies,
        String patchMergeKey,
        boolean keepEmpty) {
    public static final Merge NONE = new Merge(ListType.ATOMIC, List.of(), Set.of(), "", false);

    /// `GRANULAR` is for maps and objects, which are otherwise granular anyway except where the
    /// table says `atomic`.
    public enum ListType {
        ATOMIC,
        SET,
        MAP,
        GRANULAR
    }

    public enum Strategy {
        MERGE,
        REPLACE,
        RETAIN_KEYS
    }

    public Merge {
        listMapKeys = List.copyOf(listMapKeys);
        strategies = Set.copyOf(strategies);
    }

    /// Whether a strategic merge patch merges this list with what is there.
    public boolean merges() {
        return strategies.contains(Strategy.MERGE);
    }

    public boolean retainsKeys() {
        return strategies.contains(Strategy.RETAIN_KEYS);
    }
}
