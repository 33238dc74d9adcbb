// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/// Issues certificates with fresh P-256 keys, in the form of RFC 5280.
///
/// <https://kubernetes.io/docs/setup/best-practices/certificates/>
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>
final class CertificateAuthority {
    static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);
    static final Duration LIFETIME = Duration.ofDays(365);

    /// Clocks of clients may be behind ours.
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final String SHA256_WITH_ECDSA = "1.2.840.10045.4.3.2";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String SERVER = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT = "1.3.6.1.5.5.7.3.2";
    private static final int DIGITAL_SIGNATURE = 0x80;
    private static final int KEY_ENCIPHERMENT = 0x20;
    private static final int CERTIFICATE_SIGNING = 0x04;
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final Credential authority;
    private final Instant now;

    CertificateAuthority(Credential authority, Instant now) {
        this.authority = authority;
        this.now = now;
    }

    /// A self-signed authority called `name`.
    static Credential create(String name, Instant now) {
        var keys = keys();
        var subject = new X500Principal("CN=" + name);
        var content =
                content(
                        subject,
                        subject,
                        keys.getPublic(),
                        now,
                        AUTHORITY_LIFETIME,
                        List.of(
                                critical(BASIC_CONSTRAINTS, Der.sequence(Der.bool(true))),
                                critical(
                                        KEY_USAGE,
                                        Der.namedBits(
                                                DIGITAL_SIGNATURE
                                                        | KEY_ENCIPHERMENT
                                                        | CERTIFICATE_SIGNING))));
        return new Credential(signed(content, keys.getPrivate()), keys.getPrivate());
    }

    /// A certificate for a server that answers to `names`.
    Credential server(String commonName, SubjectNames names) {
        var alternatives = new ArrayList<byte[]>();
        names.dns()
                .forEach(
                        dns ->
                                alternatives.add(
                                        Der.implicit(
                                                DNS_NAME,
                                                dns.getBytes(StandardCharsets.US_ASCII))));
        names.addresses()
                .forEach(
                        address ->
                                alternatives.add(Der.implicit(IP_ADDRESS, address.getAddress())));
        return issue(
                new X500Principal("CN=" + commonName),
                SERVER,
                List.of(extension(ALTERNATIVE_NAMES, Der.sequence(alternatives))));
    }

    /// A certificate by which a client is the user `commonName` in the group `organization`.
    Credential client(String commonName, String organization) {
        return issue(
                new X500Principal("CN=%s, O=%s".formatted(commonName, organization)),
                CLIENT,
                List.of());
    }

    private Credential issue(X500Principal subject, String purpose, List<byte[]> more) {
        var keys = keys();
        var extensions =
                new ArrayList<>(
                        List.of(
                                critical(BASIC_CONSTRAINTS, Der.sequence()),
                                critical(
                                        KEY_USAGE,
                                        Der.namedBits(DIGITAL_SIGNATURE | KEY_ENCIPHERMENT)),
                                extension(
                                        EXTENDED_KEY_USAGE,
                                        Der.sequence(Der.identifier(purpose)))));
        extensions.addAll(more);
        var issuer = authority.certificate().getSubjectX500Principal();
        var content = content(issuer, subject, keys.getPublic(), now, LIFETIME, extensions);
        return new Credential(signed(content, authority.key()), keys.getPrivate());
    }

    private static byte[] extension(String identifier, byte[] value) {
        return Der.sequence(Der.identifier(identifier), Der.octets(value));
    }

    /// Who does not understand it must refuse the certificate.
    private static byte[] critical(String identifier, byte[] value) {
        return Der.sequence(Der.identifier(identifier), Der.bool(true), Der.octets(value));
    }

    /// What is signed, `TBSCertificate` in the RFC: of version 3, which is written as 2.
    private static byte[] content(
            X500Principal issuer,
            X500Principal subject,
            PublicKey key,
            Instant now,
            Duration lifetime,
            List<byte[]> extensions) {
        return Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(Long.SIZE * 2 - 1, new SecureRandom())),
                algorithm(),
                issuer.getEncoded(),
                Der.sequence(Der.time(now.minus(BACKDATED)), Der.time(now.plus(lifetime))),
                subject.getEncoded(),
                key.getEncoded(),
                Der.explicit(3, Der.sequence(extensions)));
    }

    private static byte[] algorithm() {
        return Der.sequence(Der.identifier(SHA256_WITH_ECDSA));
    }

    private static X509Certificate signed(byte[] content, PrivateKey key) {
        try {
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(content);
            var certificate = Der.sequence(content, algorithm(), Der.bits(signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(certificate));
        } catch (GeneralSecurityException e) {
            throw new PkiException("cannot issue a certificate: " + e.getMessage(), e);
        }
    }

    static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has P-256
        }
    }

    /// Whether `certificate` names everything in `names`.
    static boolean covers(X509Certificate certificate, SubjectNames names) {
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives == null) {
                return false;
            }
            var present = new java.util.HashSet<String>();
            for (var alternative : alternatives) {
                var text = alternative.get(1).toString();
                present.add(
                        Integer.valueOf(IP_ADDRESS).equals(alternative.get(0))
                                ? InetAddress.ofLiteral(text).getHostAddress()
                                : text);
            }
            return names.texts().stream().allMatch(present::contains);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
