// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// Finds out who sends a request.
public interface Authenticator {

    /// What came with a request. `certificate` was verified against the private authority by TLS.
    record Credentials(@Nullable X509Certificate certificate, @Nullable String bearerToken) {
        /// Names no secrets.
        @Override
        public String toString() {
            return "Credentials[certificate=%s, token=%s]"
                    .formatted(certificate != null, bearerToken != null);
        }
    }

    /// Who that is: [User#ANONYMOUS] without credentials.
    ///
    /// @throws dev.coracle.core.api.ApiException 401 if there are credentials but none is good
    User authenticate(Credentials credentials);
}
