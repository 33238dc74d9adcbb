// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final SubjectNames NAMES =
            SubjectNames.ofApiServer(
                    "cluster.local",
                    "yard",
                    InetAddress.ofLiteral("10.96.0.1"),
                    List.of(InetAddress.ofLiteral("192.0.2.7")));

    @TempDir Path parent;

    private Path directory() {
        return parent.resolve("pki");
    }

    private TreeMap<String, String> files() throws IOException {
        var contents = new TreeMap<String, String>();
        try (var files = Files.list(directory())) {
            for (var file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return contents;
    }

    @Test
    void aRestartCreatesNothing() throws IOException {
        var first = Pki.open(directory(), NAMES, T0);
        var files = files();

        var second = Pki.open(directory(), NAMES, T0.plus(Duration.ofDays(300)));

        assertThat(files()).isEqualTo(files);
        assertThat(second.apiServer()).isEqualTo(first.apiServer());
        assertThat(second.serviceAccounts().getPublic())
                .isEqualTo(first.serviceAccounts().getPublic());
    }

    @Test
    void onlyTheOwnerCanRead() throws IOException {
        var _ = Pki.open(directory(), NAMES, T0);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                .isEqualTo("rwx------");
        for (var name : files().keySet()) {
            var permissions = Files.getPosixFilePermissions(directory().resolve(name));
            assertThat(PosixFilePermissions.toString(permissions)).as(name).isEqualTo("rw-------");
        }
        assertThat(files())
                .containsOnlyKeys(
                        "admin.crt",
                        "admin.key",
                        "apiserver.crt",
                        "apiserver.key",
                        "ca.crt",
                        "ca.key",
                        "sa.key",
                        "sa.pub");
    }

    @Test
    void theServerIsCalledWhatClientsCallIt() throws Exception {
        var certificate =
                Pki.open(directory(), NAMES.with(List.of("example.test", "192.0.2.8")), T0)
                        .apiServer()
                        .certificate();

        assertThat(certificate.getSubjectAlternativeNames())
                .map(name -> name.get(1))
                .map(Object::toString)
                .containsExactly(
                        "localhost",
                        "kubernetes",
                        "kubernetes.default",
                        "kubernetes.default.svc",
                        "kubernetes.default.svc.cluster.local",
                        "yard",
                        "example.test",
                        "127.0.0.1",
                        "0:0:0:0:0:0:0:1",
                        "10.96.0.1",
                        "192.0.2.7",
                        "192.0.2.8");
    }

    @Test
    void theAdministratorIsInSystemMasters() {
        assertThat(
                        Pki.open(directory(), NAMES, T0)
                                .admin()
                                .certificate()
                                .getSubjectX500Principal()
                                .getName())
                .isEqualTo("CN=kubernetes-admin,O=system:masters");
    }

    @Test
    void certificatesAreRenewedInTheirLastMonth() {
        var first = Pki.open(directory(), NAMES, T0);
        var later = T0.plus(Duration.ofDays(340));

        var second = Pki.open(directory(), NAMES, later);

        assertThat(second.authority()).isEqualTo(first.authority());
        assertThat(second.admin()).isNotEqualTo(first.admin());
        assertThat(second.apiServer().certificate().getNotAfter().toInstant())
                .isEqualTo(later.plus(CertificateAuthority.LIFETIME));
    }

    @Test
    void aNewNameMeansANewCertificateButTheSameAuthority() {
        var first = Pki.open(directory(), NAMES, T0);

        var second = Pki.open(directory(), NAMES.with(List.of("192.0.2.9")), T0);

        assertThat(second.authority()).isEqualTo(first.authority());
        assertThat(second.admin()).isEqualTo(first.admin());
        assertThat(second.apiServer()).isNotEqualTo(first.apiServer());
    }

    @Test
    void anAuthorityThatWasMadeAnewIssuesAnew() throws IOException {
        var first = Pki.open(directory(), NAMES, T0);
        Files.delete(directory().resolve("ca.key"));

        var second = Pki.open(directory(), NAMES, T0);
        var third = Pki.open(directory(), NAMES, T0);

        assertThat(second.authority()).isNotEqualTo(first.authority());
        assertThat(second.admin()).isNotEqualTo(first.admin());
        assertThat(second.apiServer()).isNotEqualTo(first.apiServer());
        assertThat(third.admin()).isEqualTo(second.admin());
    }

    @Test
    void anAuthorityThatRunsOutTakesItsCertificatesAlong() {
        var first = Pki.open(directory(), NAMES, T0);
        var expiry = first.authority().certificate().getNotAfter().toInstant();

        var second = Pki.open(directory(), NAMES, expiry);

        assertThat(second.authority()).isNotEqualTo(first.authority());
        assertThat(second.admin()).isNotEqualTo(first.admin());
    }

    @Test
    void aCrashBetweenKeyAndCertificateIsMended() throws Exception {
        var first = Pki.open(directory(), NAMES, T0);
        Files.copy(
                directory().resolve("admin.key"),
                directory().resolve("apiserver.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        var second = Pki.open(directory(), NAMES, T0);

        assertThat(second.apiServer()).isNotEqualTo(first.apiServer());
        second.apiServer().certificate().verify(first.authority().certificate().getPublicKey());
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        var _ = Pki.open(directory(), NAMES, T0);
        Files.writeString(directory().resolve("ca.key"), "nothing");

        assertThatThrownBy(() -> Pki.open(directory(), NAMES, T0))
                .isInstanceOf(PkiException.class)
                .hasMessage(directory().resolve("ca.key") + " holds no \"PRIVATE KEY\" block");
    }

    @Test
    void theKubeconfigHoldsItsCertificatesAndIsPrivate() throws IOException {
        var pki = Pki.open(directory(), NAMES, T0);
        var file = parent.resolve("config");

        new Kubeconfig(
                        "yard",
                        URI.create("https://127.0.0.1:6443"),
                        pki.authorityPem(),
                        pki.admin())
                .write(file);

        assertThat(Files.readString(file))
                .contains("server: https://127.0.0.1:6443\n", "current-context: yard\n")
                .contains("client-key-data: ");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }
}
