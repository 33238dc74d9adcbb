// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @CsvSource({
        "10.96.0.10, 10.96.0.10",
        "255.255.255.255, 255.255.255.255",
        "::, 0:0:0:0:0:0:0:0",
        "fd00::1, fd00:0:0:0:0:0:0:1",
        "FD00:1::, fd00:1:0:0:0:0:0:0",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "::ffff:10.0.0.1, 10.0.0.1",
        "64:ff9b::10.0.0.1, 64:ff9b:0:0:0:0:a00:1",
    })
    void textsThatAreAddresses(String text, String address) {
        assertThat(IpAddress.parse(text).map(IpAddress::toString)).contains(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.96.0",
                "10.96.0.256",
                "010.96.0.1",
                "10.96.0.1.",
                "a.b.c.d",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4::5:6:7:8",
                "fd00::12345",
                "fd00::g",
                "1.2.3.4::",
                "fd00:-1::",
                "web"
            })
    void textsThatAreNot(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
    }

    @Test
    void aRangeHoldsWhatSharesItsPrefix() {
        var range = IpRange.of("10.96.0.0/12");

        assertThat(range.contains(address("10.96.0.10"))).isTrue();
        assertThat(range.contains(address("10.111.255.255"))).isTrue();
        assertThat(range.contains(address("10.112.0.0"))).isFalse();
        assertThat(range.contains(address("::1"))).isFalse();
        assertThat(IpRange.of("0.0.0.0/0").contains(address("192.0.2.1"))).isTrue();
        assertThat(IpRange.of("10.0.0.1/32").contains(address("10.0.0.2"))).isFalse();
        assertThat(IpRange.of("fd00:1::/80").contains(address("fd00:1::1"))).isTrue();
        assertThat(IpRange.of("fd00:1::/80").contains(address("fd00:1:0:0:1::"))).isFalse();
        assertThat(IpRange.of("fd00:1::/32").contains(address("fd00:2::"))).isFalse();
        assertThatThrownBy(() -> IpRange.of("10.96.0.0"))
                .hasMessage("\"10.96.0.0\" is not a range of addresses");
        assertThatThrownBy(() -> IpRange.of("10.96.0.0/33"))
                .hasMessage("\"10.96.0.0/33\" is not a range of addresses");
        assertThatThrownBy(() -> new IpRange(address("10.96.0.0"), 33))
                .hasMessage("10.96.0.0 cannot have a prefix of 33");
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/12, true",
        "10.97.0.0/12, false",
        "0.0.0.0/0, true",
        "0.0.0.1/0, false",
        "10.0.0.1/32, true",
        "fd00::/8, true",
        "fd00::1/64, false",
        "fd00::1/128, true",
        "fd00:0:0:1::/48, false",
        "fd00:0:0:1::/64, true",
        "fd00::1:0:0:0/80, true",
        "fd00::1:0:0:0/72, false",
        "::/0, true",
        "8000::/0, false",
    })
    void aRangeMayStartBeforeItsBase(String cidr, boolean atBase) {
        assertThat(IpRange.of(cidr).startsAtBase()).isEqualTo(atBase);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "::/129", "/8"})
    void textsThatAreNoRanges(String cidr) {
        assertThat(IpRange.parse(cidr)).isEmpty();
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
