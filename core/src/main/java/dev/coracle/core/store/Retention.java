// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

/// How much of the past a store keeps for watches that resume and lists that continue: the last
/// `changes` at most, and of what they overwrote and deleted no more than about `bytes` of JSON.
///
/// This bounds memory whatever happens; forgetting by age, as the API server does every five
/// minutes, is for whoever has a clock to ask for with [Store#compact].
public record Retention(int changes, long bytes) {
    public static final Retention DEFAULT = new Retention(32_768, 64L << 20);

    public Retention {
        if (changes < 1) {
            throw new IllegalArgumentException("changes is " + changes + ", must be at least 1");
        }
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes is " + bytes + ", must be at least 1");
        }
    }
}
