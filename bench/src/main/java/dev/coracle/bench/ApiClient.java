// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.util.Base64;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A client of the API made from a kubeconfig with embedded certificates.
final class ApiClient implements AutoCloseable {
    private final URI server;
    private final HttpClient http;

    private ApiClient(URI server, HttpClient http) {
        this.server = server;
        this.http = http;
    }

    /// @throws IOException if the file is not a kubeconfig with embedded certificate data
    static ApiClient of(Path kubeconfig) throws IOException {
        var text = Files.readString(kubeconfig);
        try {
            var trust = KeyStore.getInstance(KeyStore.getDefaultType());
            trust.load(null, null);
            trust.setCertificateEntry("ca", certificate(text, "certificate-authority-data"));
            var own = KeyStore.getInstance(KeyStore.getDefaultType());
            own.load(null, null);
            own.setKeyEntry(
                    "client",
                    KeyFactory.getInstance("EC").generatePrivate(key(text)),
                    new char[0],
                    new Certificate[] {certificate(text, "client-certificate-data")});
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, new char[0]);
            var trusted =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(trust);
            var tls = SSLContext.getInstance("TLS");
            tls.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
            return new ApiClient(
                    URI.create(field(text, "server")),
                    HttpClient.newBuilder().sslContext(tls).build());
        } catch (GeneralSecurityException e) {
            throw new IOException(kubeconfig + ": " + e.getMessage(), e);
        }
    }

    private static String field(String kubeconfig, String name) throws IOException {
        var match = Pattern.compile(name + ": *\"?([^\"\\s]+)").matcher(kubeconfig);
        if (!match.find()) {
            throw new IOException("the kubeconfig has no " + name);
        }
        return match.group(1);
    }

    private static Certificate certificate(String kubeconfig, String name)
            throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(
                                Base64.getDecoder().decode(field(kubeconfig, name))));
    }

    private static PKCS8EncodedKeySpec key(String kubeconfig) throws IOException {
        var pem =
                new String(
                        Base64.getDecoder().decode(field(kubeconfig, "client-key-data")),
                        StandardCharsets.US_ASCII);
        var body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        return new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body));
    }

    /// The code and, when JSON, the body.
    record Answer(int code, JsonObject body) {}

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    Answer post(String path, JsonObject body) throws IOException, InterruptedException {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JsonWriter.bytes(body))));
    }

    Answer delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    /// The events of a watch, as they come; close the stream to end it.
    Stream<JsonObject> watch(String path) throws IOException, InterruptedException {
        return http.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofLines())
                .body()
                .map(JsonReader::parseObject);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path));
    }

    private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        boolean json =
                response.headers()
                        .firstValue("Content-Type")
                        .orElse("")
                        .startsWith("application/json");
        var body =
                json && JsonReader.read(response.body()).value() instanceof JsonObject object
                        ? object
                        : JsonObject.EMPTY;
        return new Answer(response.statusCode(), body);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
