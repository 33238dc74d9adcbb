// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceRangesTest {
    private static SourceRanges ranges(String... cidrs) {
        return SourceRanges.of(List.of(cidrs));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.0/8 | 10.0.0.0-10.255.255.255",
                "10.1.2.3/8 | 10.0.0.0-10.255.255.255",
                "10.1.2.3/32 | 10.1.2.3-10.1.2.3",
                "0.0.0.0/0 | 0.0.0.0-255.255.255.255",
                "10.0.1.0/24 10.0.0.0/24 10.0.0.7/32 | 10.0.0.0-10.0.1.255",
                "10.0.0.0/8 10.1.0.0/16 | 10.0.0.0-10.255.255.255",
                "10.0.2.0/24 10.0.0.0/24 | 10.0.0.0-10.0.0.255, 10.0.2.0-10.0.2.255",
                "128.0.0.0/1 0.0.0.0/1 | 0.0.0.0-255.255.255.255",
            })
    void howeverTheyAreWrittenTheSameAddressesAreTheSame(String cidrs, String expected) {
        assertThat(ranges(cidrs.split(" ")).toString()).isEqualTo(expected);
    }

    @Test
    void theySayWhoIsIn() {
        var ranges = ranges("10.0.0.0/8", "192.0.2.9/32");

        assertThat(List.of("10.0.0.0", "10.255.255.255", "192.0.2.9")).allMatch(ranges::contains);
        assertThat(List.of("9.255.255.255", "11.0.0.0", "192.0.2.8", "192.0.2.10", "fd00::1"))
                .noneMatch(ranges::contains);
        assertThat(ranges("0.0.0.0/0").isEverybody()).isTrue();
        assertThat(ranges("0.0.0.0/1").isEverybody()).isFalse();
    }

    @Test
    void whatIsNoRangeOfIpv4IsRefused() {
        for (var wrong : List.of("10.0.0.0/33", "fd00::/8", "10.0.0/8", "", "10.0.0.0/x")) {
            assertThatThrownBy(() -> ranges(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(SourceRangesTest::ranges).isInstanceOf(IllegalArgumentException.class);
    }

    /// Against the list of ranges as it was given.
    @Test
    void mergingChangesNobodysAnswer() {
        var random = new SplittableRandom(3);
        for (int round = 0; round < 500; round++) {
            var cidrs = new ArrayList<String>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                cidrs.add("10.0.0.%d/%d".formatted(random.nextInt(256), random.nextInt(24, 33)));
            }
            var ranges = SourceRanges.of(cidrs);
            for (int last = 0; last < 256; last++) {
                var ip = "10.0.0." + last;
                assertThat(ranges.contains(ip))
                        .as("%s in %s", ip, cidrs)
                        .isEqualTo(cidrs.stream().anyMatch(cidr -> contains(cidr, ip)));
            }
        }
    }

    private static boolean contains(String cidr, String ip) {
        var parts = cidr.split("/");
        int shift = 32 - Integer.parseInt(parts[1]);
        return lastByte(parts[0]) >> shift == lastByte(ip) >> shift;
    }

    private static int lastByte(String ip) {
        return Integer.parseInt(ip.substring(ip.lastIndexOf('.') + 1));
    }
}
