// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/// A certificate and the private key that belongs to it.
public record Credential(X509Certificate certificate, PrivateKey key) {

    public String certificatePem() {
        return Pem.text(certificate);
    }

    public String keyPem() {
        return Pem.text(key);
    }

    /// Names the subject; the key stays secret.
    @Override
    public String toString() {
        return certificate.getSubjectX500Principal().getName();
    }
}
