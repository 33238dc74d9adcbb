// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoWordsTest {

    @ParameterizedTest
    @CsvSource({
        "::1, ::1",
        "::, ::",
        "fd00:0:0:1:0:0:0:2, fd00:0:0:1::2",
        "1:0:2:0:3:0:4:0, 1:0:2:0:3:0:4:0",
        "fe80:0:0:0:1:2:3:4, fe80::1:2:3:4",
        "10.1.0.5, 10.1.0.5",
    })
    void addressesAreShort(String address, String text) {
        assertThat(GoWords.literal(InetAddress.ofLiteral(address))).isEqualTo(text);
    }

    @Test
    void quotesShowWhatCannotBePrinted() {
        assertThat(GoWords.quote("a\"\\\n\t\0\u007fü\u200b\u0085"))
                .isEqualTo("\"a\\\"\\\\\\n\\t\\x00\\x7fü\\u200b\\u0085\"");
        assertThat(GoWords.quote(new byte[] {(byte) 0xc3, 'x', (byte) 0x80}))
                .isEqualTo("\"\\xc3x\\x80\"");
    }

    @ParameterizedTest
    @CsvSource({
        "x: Name or service not known, no such host",
        "x: No address associated with hostname, no such host",
        "x, no such host",
        "x: Temporary failure in name resolution, Temporary failure in name resolution",
    })
    void aLookupSaysWhatTheResolverSays(String java, String reason) {
        assertThat(GoWords.lookup("x", new UnknownHostException(java)))
                .isEqualTo("dial tcp: lookup x: " + reason);
    }
}
