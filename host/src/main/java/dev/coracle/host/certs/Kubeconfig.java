// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/// What `kubectl` needs to reach a node as its administrator.
///
/// <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>
public record Kubeconfig(String name, URI server, String authorityPem, Credential user) {

    /// The file's content: one cluster, one user, one context, all called `name`, with the
    /// certificates inside.
    public String yaml() {
        return """
        apiVersion: v1
        kind: Config
        clusters:
        - name: %1$s
          cluster:
            certificate-authority-data: %3$s
            server: %2$s
        contexts:
        - name: %1$s
          context:
            cluster: %1$s
            user: %1$s
        current-context: %1$s
        preferences: {}
        users:
        - name: %1$s
          user:
            client-certificate-data: %4$s
            client-key-data: %5$s
        """
                .formatted(
                        name,
                        server,
                        base64(authorityPem),
                        base64(user.certificatePem()),
                        base64(user.keyPem()));
    }

    /// Writes [#yaml] to `file` in one step, mode 0600: it holds a private key.
    ///
    /// @throws PkiException if it cannot be written
    public void write(Path file) {
        Pem.write(file, yaml());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// Names no secrets.
    @Override
    public String toString() {
        return "Kubeconfig[%s, %s]".formatted(name, server);
    }
}
