// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Every key and certificate of a node, kept in a directory (mode 0700, files 0600) and used again
/// at the next start.
///
/// A certificate is issued anew when it has less than 30 days left, when it does not name what it
/// should, or when its authority was made anew. A file that is damaged is an error, not a reason to
/// make a new one: clients hold copies.
///
/// | file | holds |
/// | --- | --- |
/// | `ca.crt`, `ca.key` | the private certificate authority |
/// | `apiserver.crt`, `apiserver.key` | what the API server shows |
/// | `admin.crt`, `admin.key` | `kubernetes-admin` in `system:masters` |
/// | `sa.pub`, `sa.key` | what signs service-account tokens |
///
/// <https://kubernetes.io/docs/setup/best-practices/certificates/#certificate-paths>
public record Pki(
        Credential authority, Credential apiServer, Credential admin, KeyPair serviceAccounts) {
    private static final Duration RENEWED_BEFORE = Duration.ofDays(30);

    /// Reads `directory`, creating what is not there or no longer fit.
    ///
    /// @throws PkiException if a file is damaged or cannot be read or written
    public static Pki open(Path directory, SubjectNames names, Instant now) {
        return new Directory(directory, now).open(names);
    }

    /// Opening a directory: what was read, and what follows from it.
    private record Directory(Path directory, Instant now) {

        Pki open(SubjectNames names) {
            createDirectory();
            var authority =
                    credential(
                            "ca",
                            certificate -> true,
                            () -> CertificateAuthority.create("kubernetes", now));
            Predicate<X509Certificate> issuedHere =
                    certificate -> isSignedBy(certificate, authority.certificate());
            var apiServer =
                    credential(
                            "apiserver",
                            issuedHere.and(c -> CertificateAuthority.covers(c, names)),
                            () ->
                                    new CertificateAuthority(authority, now)
                                            .server("kube-apiserver", names));
            var admin =
                    credential(
                            "admin",
                            issuedHere,
                            () ->
                                    new CertificateAuthority(authority, now)
                                            .client("kubernetes-admin", "system:masters"));
            return new Pki(authority, apiServer, admin, serviceAccounts());
        }

        private void createDirectory() {
            try {
                if (!Files.isDirectory(directory)) {
                    Files.createDirectories(
                            directory,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
                }
            } catch (IOException e) {
                throw new PkiException("cannot create " + directory + ": " + e.getMessage(), e);
            }
        }

        private Credential credential(
                String name, Predicate<X509Certificate> fit, Supplier<Credential> issue) {
            var certificateFile = directory.resolve(name + ".crt");
            var keyFile = directory.resolve(name + ".key");
            if (Files.exists(certificateFile) && Files.exists(keyFile)) {
                var certificate = Pem.certificate(certificateFile);
                var renewal = certificate.getNotAfter().toInstant().minus(RENEWED_BEFORE);
                var key = Pem.privateKey(keyFile);
                if (now.isBefore(renewal)
                        && fit.test(certificate)
                        && belongTogether(certificate, key)) {
                    return new Credential(certificate, key);
                }
            }
            var issued = issue.get();
            Pem.write(keyFile, issued.keyPem());
            Pem.write(certificateFile, issued.certificatePem());
            return issued;
        }

        private static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
            try {
                certificate.verify(authority.getPublicKey());
                return true;
            } catch (GeneralSecurityException e) {
                return false;
            }
        }

        /// False after a crash between the writes of the two files.
        private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
            try {
                var signature = Signature.getInstance("SHA256withECDSA");
                signature.initSign(key);
                signature.update(certificate.getEncoded());
                var signed = signature.sign();
                signature.initVerify(certificate.getPublicKey());
                signature.update(certificate.getEncoded());
                return signature.verify(signed);
            } catch (GeneralSecurityException e) {
                return false;
            }
        }

        private KeyPair serviceAccounts() {
            var publicFile = directory.resolve("sa.pub");
            var keyFile = directory.resolve("sa.key");
            if (Files.exists(publicFile) && Files.exists(keyFile)) {
                return new KeyPair(Pem.publicKey(publicFile), Pem.privateKey(keyFile));
            }
            var keys = CertificateAuthority.keys();
            Pem.write(keyFile, Pem.text(keys.getPrivate()));
            Pem.write(publicFile, Pem.text(keys.getPublic()));
            return keys;
        }
    }

    /// The authority's certificate, as pods find it in `kube-root-ca.crt`.
    public String authorityPem() {
        return authority.certificatePem();
    }

    /// Names no secrets.
    @Override
    public String toString() {
        return "Pki[%s, %s]".formatted(apiServer, admin);
    }
}
