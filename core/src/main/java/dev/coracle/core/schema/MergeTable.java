// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

import dev.coracle.core.schema.Merge.ListType;
import dev.coracle.core.schema.Merge.Strategy;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What the published schema leaves out: `merge.txt` and `zero.txt`, by `Type.field`.
record MergeTable(Map<String, Merge> merges, Set<String> zeros) {

    static MergeTable parse(String mergeText, String zeroText) {
        var merges = new HashMap<String, Merge>();
        facts(mergeText)
                .forEach(
                        line -> {
                            var words = List.of(line.split(" ", -1));
                            merges.put(
                                    words.get(0) + "." + words.get(1),
                                    merge(words.subList(2, words.size())));
                        });
        var zeros = new HashSet<String>();
        facts(zeroText)
                .forEach(
                        line -> {
                            var words = line.split(" ", -1);
                            for (int i = 1; i < words.length; i++) {
                                zeros.add(words[0] + "." + words[i]);
                            }
                        });
        return new MergeTable(Map.copyOf(merges), Set.copyOf(zeros));
    }

    private static List<String> facts(String text) {
        return text.lines().filter(line -> !line.startsWith("#")).toList();
    }

    private static Merge merge(List<String> words) {
        var listType = ListType.ATOMIC;
        var keys = List.<String>of();
        var strategies = EnumSet.noneOf(Strategy.class);
        var mergeKey = "";
        boolean keepEmpty = false;
        for (var word : words) {
            int open = word.indexOf('(');
            var inside = open < 0 ? "" : word.substring(open + 1, word.length() - 1);
            switch (open < 0 ? word : word.substring(0, open)) {
                case "atomic" -> listType = ListType.ATOMIC;
                case "set" -> listType = ListType.SET;
                case "granular" -> listType = ListType.GRANULAR;
                case "map" -> {
                    listType = ListType.MAP;
                    keys = List.of(inside.split(",", -1));
                }
                case "patch" -> {
                    var parts = inside.split(";", -1);
                    for (var strategy : parts[0].split(",", -1)) {
                        strategies.add(strategy(strategy));
                    }
                    mergeKey = parts.length > 1 ? parts[1] : "";
                }
                case "keep-empty" -> keepEmpty = true;
                default -> throw new IllegalArgumentException("merge.txt: unknown word " + word);
            }
        }
        return new Merge(listType, keys, strategies, mergeKey, keepEmpty);
    }

    private static Strategy strategy(String text) {
        return text.equals("retainKeys")
                ? Strategy.RETAIN_KEYS
                : Strategy.valueOf(text.toUpperCase(Locale.ROOT));
    }

    Merge merge(String type, String field) {
        return merges.getOrDefault(type + "." + field, Merge.NONE);
    }

    boolean omitsZero(String type, String field) {
        return zeros.contains(type + "." + field);
    }
}
