// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;

/// Numbers from 0 to below `size`, of which the lower `fixed` are drawn only when no other is left,
/// so that people who ask for one of those are seldom refused.
///
/// <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>,
/// "avoid ClusterIP conflict"
record Band(long size, long fixed) {
    private static final long SMALLEST = 16;

    /// The lower `size / step` are fixed, at least 16 and at most `most`; none of a small band.
    static Band of(long size, long step, long most) {
        return new Band(size, size <= SMALLEST ? 0 : Math.clamp(size / step, SMALLEST, most));
    }

    /// A number that is not `taken`, empty when all are.
    OptionalLong draw(LongPredicate taken, RandomGenerator random) {
        var drawn = draw(fixed, size, taken, random);
        return drawn.isPresent() ? drawn : draw(0, fixed, taken, random);
    }

    private static OptionalLong draw(
            long from, long to, LongPredicate taken, RandomGenerator random) {
        long count = to - from;
        long start = count > 0 ? random.nextLong(count) : 0;
        for (long i = 0; i < count; i++) {
            long number = from + (start + i) % count;
            if (!taken.test(number)) {
                return OptionalLong.of(number);
            }
        }
        return OptionalLong.empty();
    }
}
