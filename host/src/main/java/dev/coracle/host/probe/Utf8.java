// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Where the characters are in bytes that may be no text.
final class Utf8 {

    private Utf8() {}

    /// How many bytes the character at `index` has; 0 where there is none.
    static int length(byte[] bytes, int index) {
        int expected = expected(bytes[index] & 0xff);
        if (expected == 0 || index + expected > bytes.length) {
            return 0;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, index, expected));
            return expected;
        } catch (CharacterCodingException _) {
            return 0;
        }
    }

    private static int expected(int first) {
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2) {
            return 0;
        }
        return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    }
}
