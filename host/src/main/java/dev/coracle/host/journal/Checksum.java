// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// CRC-32C over numbers, a key and a body: finds damage, not malice.
final class Checksum {

    private Checksum() {}

    static long of(long... numbers) {
        var crc = new CRC32C();
        update(crc, numbers);
        return crc.getValue();
    }

    static long of(long createRevision, long revision, String key, byte[] json) {
        var crc = new CRC32C();
        var name = key.getBytes(StandardCharsets.UTF_8);
        update(crc, createRevision, revision, name.length);
        crc.update(name);
        crc.update(json);
        return crc.getValue();
    }

    private static void update(CRC32C crc, long... numbers) {
        var bytes = ByteBuffer.allocate(numbers.length * Long.BYTES);
        for (long number : numbers) {
            bytes.putLong(number);
        }
        crc.update(bytes.flip());
    }
}
