// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/// Keys and certificates as text, and as files that only their owner can read.
///
/// <https://www.rfc-editor.org/rfc/rfc7468>
final class Pem {
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private Pem() {}

    static String text(X509Certificate certificate) {
        try {
            return text("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e); // it was parsed or made here
        }
    }

    /// PKCS #8.
    static String text(PrivateKey key) {
        return text("PRIVATE KEY", key.getEncoded());
    }

    static String text(PublicKey key) {
        return text("PUBLIC KEY", key.getEncoded());
    }

    private static String text(String label, byte[] content) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, LINES.encodeToString(content), label);
    }

    static X509Certificate certificate(Path file) {
        try {
            var content = content(file, "CERTIFICATE");
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(content));
        } catch (GeneralSecurityException e) {
            throw new PkiException(file + " holds no certificate: " + e.getMessage(), e);
        }
    }

    static PrivateKey privateKey(Path file) {
        try {
            return KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(content(file, "PRIVATE KEY")));
        } catch (GeneralSecurityException e) {
            throw new PkiException(file + " holds no EC private key: " + e.getMessage(), e);
        }
    }

    static PublicKey publicKey(Path file) {
        try {
            return KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(content(file, "PUBLIC KEY")));
        } catch (GeneralSecurityException e) {
            throw new PkiException(file + " holds no EC public key: " + e.getMessage(), e);
        }
    }

    private static byte[] content(Path file, String label) {
        var begin = "-----BEGIN " + label + "-----";
        var end = "-----END " + label + "-----";
        try {
            var text = Files.readString(file, StandardCharsets.US_ASCII);
            int from = text.indexOf(begin);
            int to = text.indexOf(end);
            if (from < 0 || to < from) {
                throw new PkiException("%s holds no \"%s\" block".formatted(file, label));
            }
            return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
        } catch (IOException e) {
            throw new PkiException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new PkiException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /// Replaces `file` in one step, mode 0600.
    static void write(Path file, String text) {
        var next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(next);
            Files.createFile(
                    next,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(next, text, StandardOpenOption.WRITE);
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new PkiException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
