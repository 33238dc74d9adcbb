// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A map that never changes: a change makes another one, which shares with the first all but the
/// path to the changed key.
///
/// So ten thousand services cost a dozen small nodes when one of them changes, and whoever reads an
/// older map goes on reading it, without locks. A weight-balanced tree like the store's, where a
/// picture of it is drawn: neither subtree weighs more than three times the other.
/// <https://yoichihirai.com/bst.pdf> proves the constants.
final class SortedTree<K extends Comparable<K>, V> {
    private static final int DELTA = 3;
    private static final int GAMMA = 2;

    private final @Nullable Node<K, V> root;

    private record Node<K, V>(
            K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right, int size) {
        Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
            this(key, value, left, right, count(left) + count(right) + 1);
        }
    }

    private SortedTree(@Nullable Node<K, V> root) {
        this.root = root;
    }

    static <K extends Comparable<K>, V> SortedTree<K, V> empty() {
        return new SortedTree<>(null);
    }

    int size() {
        return count(root);
    }

    @Nullable V get(K key) {
        var node = root;
        while (node != null) {
            int order = key.compareTo(node.key);
            if (order == 0) {
                return node.value;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    V getOrDefault(K key, V otherwise) {
        var found = get(key);
        return found == null ? otherwise : found;
    }

    /// This map with `value` in the place of whatever `key` had.
    SortedTree<K, V> with(K key, V value) {
        return new SortedTree<>(put(root, key, value));
    }

    /// This map itself if it has no such key.
    SortedTree<K, V> without(K key) {
        return get(key) == null ? this : new SortedTree<>(remove(root, key));
    }

    private static <K extends Comparable<K>, V> Node<K, V> put(
            @Nullable Node<K, V> node, K key, V value) {
        if (node == null) {
            return new Node<>(key, value, null, null);
        }
        int order = key.compareTo(node.key);
        if (order == 0) {
            return new Node<>(key, value, node.left, node.right);
        }
        return order < 0
                ? balanced(node, put(node.left, key, value), node.right)
                : balanced(node, node.left, put(node.right, key, value));
    }

    private static <K extends Comparable<K>, V> @Nullable Node<K, V> remove(
            @Nullable Node<K, V> node, K key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.key);
        if (order < 0) {
            return balanced(node, remove(node.left, key), node.right);
        }
        if (order > 0) {
            return balanced(node, node.left, remove(node.right, key));
        }
        if (node.left == null) {
            return node.right;
        }
        if (node.right == null) {
            return node.left;
        }
        var next = first(node.right);
        return balanced(next, node.left, remove(node.right, next.key));
    }

    private static <K, V> Node<K, V> first(Node<K, V> node) {
        var first = node;
        while (first.left != null) {
            first = first.left;
        }
        return first;
    }

    /// `middle`'s key and value over these two, of which one may have gained or lost one key.
    private static <K, V> Node<K, V> balanced(
            Node<K, V> middle, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (right != null && weight(right) > DELTA * weight(left)) {
            return leaningRight(middle, left, right);
        }
        if (left != null && weight(left) > DELTA * weight(right)) {
            return leaningLeft(middle, left, right);
        }
        return new Node<>(middle.key, middle.value, left, right);
    }

    private static <K, V> Node<K, V> leaningRight(
            Node<K, V> middle, @Nullable Node<K, V> left, Node<K, V> right) {
        var inner = right.left;
        if (inner == null || weight(inner) < GAMMA * weight(right.right)) {
            return over(right, over(middle, left, inner), right.right);
        }
        return over(inner, over(middle, left, inner.left), over(right, inner.right, right.right));
    }

    private static <K, V> Node<K, V> leaningLeft(
            Node<K, V> middle, Node<K, V> left, @Nullable Node<K, V> right) {
        var inner = left.right;
        if (inner == null || weight(inner) < GAMMA * weight(left.left)) {
            return over(left, left.left, over(middle, inner, right));
        }
        return over(inner, over(left, left.left, inner.left), over(middle, inner.right, right));
    }

    private static <K, V> Node<K, V> over(
            Node<K, V> middle, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        return new Node<>(middle.key, middle.value, left, right);
    }

    private static int count(@Nullable Node<?, ?> node) {
        return node == null ? 0 : node.size;
    }

    private static int weight(@Nullable Node<?, ?> node) {
        return count(node) + 1;
    }

    /// A copy of all of it.
    SortedMap<K, V> toMap() {
        var map = new TreeMap<K, V>();
        collect(root, map);
        return map;
    }

    private static <K, V> void collect(@Nullable Node<K, V> node, SortedMap<K, V> into) {
        if (node != null) {
            collect(node.left, into);
            into.put(node.key, node.value);
            collect(node.right, into);
        }
    }

    /// Whether the other has the same keys and values, whatever its shape.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SortedTree<?, ?> tree
                && tree.size() == size()
                && tree.toMap().equals(toMap());
    }

    @Override
    public int hashCode() {
        return toMap().hashCode();
    }

    @Override
    public String toString() {
        return toMap().toString();
    }

    /// The longest path from the root, for tests.
    int depth() {
        return depth(root);
    }

    private static int depth(@Nullable Node<?, ?> node) {
        return node == null ? 0 : 1 + Math.max(depth(node.left), depth(node.right));
    }
}
