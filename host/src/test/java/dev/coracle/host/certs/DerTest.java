// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DerTest {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();

    private static String hex(byte[] value) {
        return HEX.formatHex(value);
    }

    @Test
    void aSequenceHoldsItsPartsInOrder() {
        assertThat(hex(Der.sequence(Der.integer(BigInteger.ONE), Der.bool(true))))
                .isEqualTo("30 06 02 01 01 01 01 FF");
    }

    @Test
    void aNumberWhoseFirstBitIsSetGetsAZeroByteSoThatItStaysPositive() {
        assertThat(hex(Der.integer(BigInteger.valueOf(128)))).isEqualTo("02 02 00 80");
    }

    /// <https://www.rfc-editor.org/rfc/rfc5480#appendix-A>
    @Test
    void theArcsOfAnIdentifierAreWrittenInGroupsOfSevenBits() {
        assertThat(hex(Der.identifier("1.2.840.10045.4.3.2")))
                .isEqualTo("06 08 2A 86 48 CE 3D 04 03 02");
    }

    @Test
    void lengthsFrom128OnAreWrittenInAsManyBytesAsTheyNeed() {
        assertThat(hex(Der.octets(new byte[127]))).startsWith("04 7F 00");
        assertThat(hex(Der.octets(new byte[128]))).startsWith("04 81 80 00");
        assertThat(hex(Der.octets(new byte[256]))).startsWith("04 82 01 00 00");
        assertThat(hex(Der.octets(new byte[32_768]))).startsWith("04 82 80 00 00");
    }

    @Test
    void namedBitsEndWithTheLastThatIsSet() {
        assertThat(hex(Der.namedBits(0xA0))).isEqualTo("03 02 05 A0");
        assertThat(hex(Der.namedBits(0xA4))).isEqualTo("03 02 02 A4");
    }

    @Test
    void yearsFrom2050OnHaveFourDigits() {
        assertThat(
                        new String(
                                Der.time(Instant.parse("2049-12-31T23:59:59.9Z")),
                                2,
                                13,
                                java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("491231235959Z");
        assertThat(Der.time(Instant.parse("2050-01-01T00:00:00Z")))
                .startsWith(0x18, 15)
                .endsWith("20500101000000Z".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
