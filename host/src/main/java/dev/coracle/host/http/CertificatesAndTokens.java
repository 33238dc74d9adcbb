// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.host.certs.ServiceAccountTokens;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Client certificates (common name is the user, organizations are the groups) and service-account
/// tokens. A certificate goes before a token.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens>
public final class CertificatesAndTokens implements Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(CertificatesAndTokens.class);
    private static final String EXTRA = "authentication.kubernetes.io/";

    private final ServiceAccountTokens tokens;

    public CertificatesAndTokens(ServiceAccountTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public User authenticate(Credentials credentials) {
        if (credentials.certificate() != null) {
            return bearer(credentials.certificate());
        }
        if (credentials.bearerToken() == null) {
            return User.ANONYMOUS;
        }
        try {
            return account(tokens.verify(credentials.bearerToken()));
        } catch (ServiceAccountTokens.InvalidToken e) {
            LOG.info("A token was not accepted: {}", e.getMessage());
            throw unauthorized();
        }
    }

    static ApiException unauthorized() {
        return new ApiException(Status.of(Status.Reason.UNAUTHORIZED, "Unauthorized"));
    }

    private static User bearer(X509Certificate certificate) {
        var name = "";
        var groups = new ArrayList<String>();
        try {
            var subject = new LdapName(certificate.getSubjectX500Principal().getName());
            for (var part : subject.getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    name = part.getValue().toString();
                } else if (part.getType().equalsIgnoreCase("O")) {
                    groups.add(part.getValue().toString());
                }
            }
        } catch (InvalidNameException e) {
            throw unauthorized();
        }
        if (name.isEmpty()) {
            throw unauthorized();
        }
        return User.authenticated(name, "", groups, Map.of());
    }

    private static User account(ServiceAccountTokens.Claims claims) {
        var extra = new LinkedHashMap<String, List<String>>();
        extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.tokenId()));
        var pod = claims.pod();
        if (pod != null) {
            extra.put(EXTRA + "pod-name", List.of(pod.name()));
            extra.put(EXTRA + "pod-uid", List.of(pod.uid()));
        }
        return User.authenticated(
                ServiceAccountTokens.subject(claims.namespace(), claims.serviceAccount().name()),
                claims.serviceAccount().uid(),
                List.of("system:serviceaccounts", "system:serviceaccounts:" + claims.namespace()),
                extra);
    }
}
