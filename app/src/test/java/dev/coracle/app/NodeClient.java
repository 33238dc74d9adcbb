// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// The administrator of a node, over HTTPS with the certificate that its kubeconfig holds.
final class NodeClient implements AutoCloseable {
    private static final char[] PASSWORD = "test".toCharArray();
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String JSON = "application/json";

    private final URI server;
    private final HttpClient client;

    private NodeClient(URI server, SSLContext tls) {
        this.server = server;
        this.client = HttpClient.newBuilder().sslContext(tls).build();
    }

    static NodeClient of(Path kubeconfig) throws IOException {
        var text = Files.readString(kubeconfig);
        try {
            var authority = certificate(field(text, "certificate-authority-data"));
            var own = certificate(field(text, "client-certificate-data"));
            var key =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            content(field(text, "client-key-data"))));
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", authority);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var owned = KeyStore.getInstance("PKCS12");
            owned.load(null, null);
            owned.setKeyEntry("admin", key, PASSWORD, new Certificate[] {own});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(owned, PASSWORD);
            var tls = SSLContext.getInstance("TLS");
            tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return new NodeClient(URI.create(field(text, "server")), tls);
        } catch (GeneralSecurityException e) {
            throw new IOException(kubeconfig + " is no key to anything", e);
        }
    }

    private static String field(String text, String name) {
        var line = Pattern.compile(name + ": (\\S+)").matcher(text);
        assertThat(line.find()).as("%s in %s", name, text).isTrue();
        return line.group(1);
    }

    private static Certificate certificate(String base64) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
    }

    /// Of a text of the form of RFC 7468.
    private static byte[] content(String base64) {
        var text = new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
        return Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
    }

    /// What was answered.
    record Answer(int code, String text) {
        JsonObject json() {
            return JsonReader.parseObject(text);
        }

        /// The answer to a request that was carried out.
        JsonObject ok() {
            assertThat(code).as(text).isBetween(200, 299);
            return json();
        }
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send("GET", path, null);
    }

    /// Like [#get], for what is looked at again and again.
    Answer look(String path) {
        try {
            return get(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// @throws IOException if there is no answer: what was asked for may or may not be done
    Answer send(String method, String path, @Nullable String json)
            throws IOException, InterruptedException {
        return send(request(method, path, JSON, json));
    }

    /// Posts what is not JSON.
    Answer post(String path, String contentType, String body)
            throws IOException, InterruptedException {
        return send(request("POST", path, contentType, body));
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        var response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    /// An answer that has no end.
    InputStream follow(String path) throws IOException, InterruptedException {
        return client.send(
                        request("GET", path, JSON, null), HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    private HttpRequest request(
            String method, String path, String contentType, @Nullable String body) {
        return HttpRequest.newBuilder(URI.create(server + path))
                .timeout(PATIENCE)
                .header("Content-Type", contentType)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
