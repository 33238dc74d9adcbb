// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Issues certificates with fresh P-256 keys. Made only when something is to be issued, because
/// loading the library that does it costs start-up time.
///
/// <https://kubernetes.io/docs/setup/best-practices/certificates/>
final class CertificateAuthority {
    static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);
    static final Duration LIFETIME = Duration.ofDays(365);

    /// Clocks of clients may be behind ours.
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final Credential authority;
    private final Instant now;

    CertificateAuthority(Credential authority, Instant now) {
        this.authority = authority;
        this.now = now;
    }

    /// A self-signed authority called `name`.
    static Credential create(String name, Instant now) {
        var keys = keys();
        var subject = new X500NameBuilder().addRDN(BCStyle.CN, name).build();
        var builder = builder(subject, subject, keys.getPublic(), now, AUTHORITY_LIFETIME);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            KeyUsage.digitalSignature
                                    | KeyUsage.keyEncipherment
                                    | KeyUsage.keyCertSign));
            return new Credential(sign(builder, keys.getPrivate()), keys.getPrivate());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new PkiException("cannot make a certificate authority: " + e.getMessage(), e);
        }
    }

    /// A certificate for a server that answers to `names`.
    Credential server(String commonName, SubjectNames names) {
        var alternatives = new ArrayList<GeneralName>();
        names.dns().forEach(dns -> alternatives.add(new GeneralName(GeneralName.dNSName, dns)));
        names.addresses()
                .forEach(
                        address ->
                                alternatives.add(
                                        new GeneralName(
                                                GeneralName.iPAddress, address.getHostAddress())));
        return issue(
                new X500NameBuilder().addRDN(BCStyle.CN, commonName).build(),
                KeyPurposeId.id_kp_serverAuth,
                new GeneralNames(alternatives.toArray(GeneralName[]::new)));
    }

    /// A certificate by which a client is the user `commonName` in the group `organization`.
    Credential client(String commonName, String organization) {
        var subject =
                new X500NameBuilder()
                        .addRDN(BCStyle.O, organization)
                        .addRDN(BCStyle.CN, commonName)
                        .build();
        return issue(subject, KeyPurposeId.id_kp_clientAuth, null);
    }

    private Credential issue(
            X500Name subject,
            KeyPurposeId purpose,
            @org.jspecify.annotations.Nullable GeneralNames alternatives) {
        var keys = keys();
        var issuer =
                X500Name.getInstance(
                        authority.certificate().getSubjectX500Principal().getEncoded());
        var builder = builder(issuer, subject, keys.getPublic(), now, LIFETIME);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (alternatives != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives);
            }
            return new Credential(sign(builder, authority.key()), keys.getPrivate());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new PkiException(
                    "cannot issue a certificate for %s: %s".formatted(subject, e.getMessage()), e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Duration lifetime) {
        return new X509v3CertificateBuilder(
                issuer,
                new BigInteger(Long.SIZE * 2 - 1, new SecureRandom()),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(lifetime)),
                subject,
                SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    private static X509Certificate sign(
            X509v3CertificateBuilder builder, java.security.PrivateKey key)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key);
        var encoded = builder.build(signer).getEncoded();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(encoded));
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
                        Integer.valueOf(GeneralName.iPAddress).equals(alternative.get(0))
                                ? InetAddress.ofLiteral(text).getHostAddress()
                                : text);
            }
            return names.texts().stream().allMatch(present::contains);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
