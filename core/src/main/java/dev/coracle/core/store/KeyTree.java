// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All objects as of one revision, in key order: a persistent weight-balanced tree.
///
/// A change copies the path from the root to the changed key, about log2(n) small nodes, and shares
/// the rest with its predecessor. So every retained revision is simply a root of its own: reading
/// the past is reading another root, no reader ever waits or retries, and to forget a revision is
/// to drop its root. Putting `d@4` into a tree made by the revisions 1 to 3:
///
///     revision 3        revision 4
///
///        b@1               b@1'         b@1' is a copy that points to a@2 and c@3';
///       /   \             /   \         a@2 itself is shared by both revisions
///     a@2   c@3         a@2   c@3'
///                               \
///                               d@4
///
/// Every node knows how many keys are below it, which keeps the tree balanced and makes the rank of
/// a key, and so the number of objects left after a page, a matter of one descent.
///
/// Balance is that of Adams' trees: neither subtree weighs more than three times the other.
/// <https://yoichihirai.com/bst.pdf> proves the constants.
final class KeyTree {
    static final KeyTree EMPTY = new KeyTree(null);
    private static final int DELTA = 3;
    private static final int GAMMA = 2;

    private final @Nullable Node root;

    private record Node(Entry entry, @Nullable Node left, @Nullable Node right, int size) {
        static Node of(Entry entry, @Nullable Node left, @Nullable Node right) {
            return new Node(entry, left, right, count(left) + count(right) + 1);
        }
    }

    private KeyTree(@Nullable Node root) {
        this.root = root;
    }

    int size() {
        return count(root);
    }

    @Nullable Entry get(String key) {
        var node = root;
        while (node != null) {
            int order = key.compareTo(node.entry.key());
            if (order == 0) {
                return node.entry;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    /// This tree with `entry` in the place of whatever had its key.
    KeyTree with(Entry entry) {
        return new KeyTree(put(root, entry));
    }

    KeyTree without(String key) {
        return new KeyTree(remove(root, key));
    }

    /// How many keys are less than `key`.
    int countBelow(String key) {
        int below = 0;
        var node = root;
        while (node != null) {
            if (key.compareTo(node.entry.key()) <= 0) {
                node = node.left;
            } else {
                below += count(node.left) + 1;
                node = node.right;
            }
        }
        return below;
    }

    /// The rank after the last key that starts with `prefix`.
    int endOf(String prefix) {
        for (int last = prefix.length() - 1; last >= 0; last--) {
            char end = prefix.charAt(last);
            if (end != Character.MAX_VALUE) {
                return countBelow(prefix.substring(0, last) + (char) (end + 1));
            }
        }
        return size();
    }

    /// The entries of ranks `from` (counted from 0) to before `to`.
    List<Entry> slice(int from, int to) {
        var entries = new ArrayList<Entry>(Math.max(0, to - from));
        slice(root, from, to, entries);
        return entries;
    }

    private static void slice(@Nullable Node node, int from, int to, List<Entry> into) {
        if (node == null || from >= to || from >= node.size || to <= 0) {
            return;
        }
        int rank = count(node.left);
        slice(node.left, from, Math.min(to, rank), into);
        if (from <= rank && rank < to) {
            into.add(node.entry);
        }
        slice(node.right, Math.max(0, from - rank - 1), to - rank - 1, into);
    }

    /// `((a@2) b@1 (c@3))`: the shape, for tests and debuggers.
    @Override
    public String toString() {
        return draw(root);
    }

    private static String draw(@Nullable Node node) {
        if (node == null) {
            return "";
        }
        var left = node.left == null ? "" : draw(node.left) + " ";
        var right = node.right == null ? "" : " " + draw(node.right);
        return "(" + left + node.entry + right + ")";
    }

    /// How many nodes of this tree are not nodes of `other`: what the change between them cost.
    int nodesNotIn(KeyTree other) {
        return nodesNotIn(root, other.root);
    }

    private static int nodesNotIn(@Nullable Node node, @Nullable Node other) {
        if (node == null || isShared(node, other)) {
            return 0;
        }
        return 1 + nodesNotIn(node.left, other) + nodesNotIn(node.right, other);
    }

    @SuppressWarnings("ReferenceEquality") // whether it is the very node is the question
    private static boolean isShared(Node node, @Nullable Node other) {
        while (other != null) {
            if (node == other) {
                return true;
            }
            int order = node.entry.key().compareTo(other.entry.key());
            if (order == 0) {
                return false;
            }
            other = order < 0 ? other.left : other.right;
        }
        return false;
    }

    /// Throws unless keys are in order, sizes are right and weights are balanced.
    void verify() {
        verify(root, null, null);
    }

    private static void verify(
            @Nullable Node node, @Nullable String above, @Nullable String below) {
        if (node == null) {
            return;
        }
        var key = node.entry.key();
        boolean ordered =
                (above == null || above.compareTo(key) < 0)
                        && (below == null || key.compareTo(below) < 0);
        boolean counted = node.size == count(node.left) + count(node.right) + 1;
        boolean balanced =
                fits(count(node.left), count(node.right))
                        && fits(count(node.right), count(node.left));
        if (!ordered || !counted || !balanced) {
            throw new IllegalStateException("tree is broken at " + key + ": " + draw(node));
        }
        verify(node.left, above, key);
        verify(node.right, key, below);
    }

    private static Node put(@Nullable Node node, Entry entry) {
        if (node == null) {
            return new Node(entry, null, null, 1);
        }
        int order = entry.key().compareTo(node.entry.key());
        if (order == 0) {
            return new Node(entry, node.left, node.right, node.size);
        }
        return order < 0
                ? balance(node.entry, put(node.left, entry), node.right)
                : balance(node.entry, node.left, put(node.right, entry));
    }

    private static @Nullable Node remove(@Nullable Node node, String key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.entry.key());
        if (order < 0) {
            return balance(node.entry, remove(node.left, key), node.right);
        }
        if (order > 0) {
            return balance(node.entry, node.left, remove(node.right, key));
        }
        return join(node.left, node.right);
    }

    /// One tree of two, every key of `left` being less than those of `right`.
    private static @Nullable Node join(@Nullable Node left, @Nullable Node right) {
        if (left == null) {
            return right;
        }
        if (right == null) {
            return left;
        }
        if (left.size > right.size) {
            var greatest = left;
            while (greatest.right != null) {
                greatest = greatest.right;
            }
            return balance(greatest.entry, remove(left, greatest.entry.key()), right);
        }
        var least = right;
        while (least.left != null) {
            least = least.left;
        }
        return balance(least.entry, left, remove(right, least.entry.key()));
    }

    private static Node balance(Entry entry, @Nullable Node left, @Nullable Node right) {
        if (right != null && !fits(right.size, count(left))) {
            return rotateLeft(entry, left, right);
        }
        if (left != null && !fits(left.size, count(right))) {
            return rotateRight(entry, left, right);
        }
        return Node.of(entry, left, right);
    }

    private static boolean fits(int size, int otherSize) {
        return size + 1 <= DELTA * (otherSize + 1);
    }

    private static Node rotateLeft(Entry entry, @Nullable Node left, Node right) {
        var inner = right.left;
        if (inner == null || inner.size + 1 < GAMMA * (count(right.right) + 1)) {
            return Node.of(right.entry, Node.of(entry, left, inner), right.right);
        }
        return Node.of(
                inner.entry,
                Node.of(entry, left, inner.left),
                Node.of(right.entry, inner.right, right.right));
    }

    private static Node rotateRight(Entry entry, Node left, @Nullable Node right) {
        var inner = left.right;
        if (inner == null || inner.size + 1 < GAMMA * (count(left.left) + 1)) {
            return Node.of(left.entry, left.left, Node.of(entry, inner, right));
        }
        return Node.of(
                inner.entry,
                Node.of(left.entry, left.left, inner.left),
                Node.of(entry, inner.right, right));
    }

    private static int count(@Nullable Node node) {
        return node == null ? 0 : node.size;
    }
}
