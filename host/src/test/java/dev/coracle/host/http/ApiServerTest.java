// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static dev.coracle.host.http.RunningApi.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.registry.ResourceTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ApiServerTest {
    private static final String CONFIG_MAPS = DEFAULT + "/configmaps";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

    @TempDir Path directory;
    private RunningApi api;

    @BeforeEach
    void start() throws IOException {
        api = new RunningApi(directory);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private static String configMap(String name, String value) {
        return """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":{"key":"%s"}}
        """
                .formatted(name, value);
    }

    @Test
    void anObjectLivesItsLife() {
        var created = api.post(CONFIG_MAPS, configMap("one", "a"));
        assertThat(created.code()).isEqualTo(201);
        assertThat(created.header("Content-Type")).isEqualTo("application/json");
        var metadata = created.json().object("metadata");
        assertThat(metadata.string("uid")).isNotEmpty();

        assertThat(api.get(CONFIG_MAPS + "/one").json()).isEqualTo(created.json());

        var replaced =
                api.put(
                        CONFIG_MAPS + "/one",
                        created.json().with("data", data -> data.with("key", "b")).text());
        assertThat(replaced.code()).isEqualTo(200);
        assertThat(replaced.json().object("data").string("key")).isEqualTo("b");

        var stale = api.put(CONFIG_MAPS + "/one", created.json().text());
        assertThat(stale.code()).isEqualTo(409);
        assertThat(stale.json().string("reason")).isEqualTo("Conflict");

        var deleted = api.delete(CONFIG_MAPS + "/one");
        assertThat(deleted.code()).isEqualTo(200);
        assertThat(deleted.json().string("status")).isEqualTo("Success");
        assertThat(api.get(CONFIG_MAPS + "/one").message())
                .isEqualTo("configmaps \"one\" not found");
    }

    @Test
    void anEncodedSlashIsOneAndLeadsAroundNobody() {
        api.post(
                CONFIG_MAPS,
                """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}
                """);

        assertThat(api.get(CONFIG_MAPS + "%2Fone").json().string("kind")).isEqualTo("ConfigMap");
        assertThat(api.anonymous(CONFIG_MAPS + "%2Fone").code()).isEqualTo(401);
        assertThat(api.anonymous("/livez%2F.." + CONFIG_MAPS).code()).isEqualTo(404);
        assertThat(api.get(CONFIG_MAPS + "/..%2Fsecrets").code()).isEqualTo(404);
    }

    @Test
    void itAnswersAtAFurtherAddressWhereThePortMayBeAnother() throws Exception {
        int taken = api.server.address().getPort();

        var further = api.server.listenAlso(InetAddress.ofLiteral("127.0.0.1"), taken);

        assertThat(further.getPort()).isNotEqualTo(taken);
        try (var client = HttpClient.newBuilder().sslContext(api.admin).build()) {
            var uri = URI.create("https://127.0.0.1:%d/livez".formatted(further.getPort()));
            var answer =
                    client.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo("ok");
        }
    }

    @Test
    void aFurtherAddressIsGoneWithTheServer() throws Exception {
        var further = api.server.listenAlso(InetAddress.ofLiteral("127.0.0.1"), 0);

        api.server.close();

        assertThatThrownBy(() -> new Socket(further.getAddress(), further.getPort()).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void theThreePatchesAreToldApartByTheirContentType() {
        api.post(CONFIG_MAPS, configMap("one", "a"));
        var one = CONFIG_MAPS + "/one";

        assertThat(
                        api.patch(
                                        one,
                                        "application/json-patch+json",
                                        "[{\"op\":\"add\",\"path\":\"/data/x\",\"value\":\"1\"}]")
                                .json()
                                .object("data")
                                .strings())
                .containsEntry("x", "1");
        assertThat(
                        api.patch(one, "application/merge-patch+json", "{\"data\":{\"y\":\"2\"}}")
                                .json()
                                .object("data")
                                .strings())
                .containsOnlyKeys("key", "x", "y");
        assertThat(
                        api.patch(
                                        one,
                                        "application/strategic-merge-patch+json",
                                        "{\"data\":{\"key\":null}}")
                                .json()
                                .object("data")
                                .strings())
                .containsOnlyKeys("x", "y");

        var apply = api.patch(one, "application/apply-patch+yaml", "{}");
        assertThat(apply.code()).isEqualTo(415);
        assertThat(apply.message()).startsWith("server-side apply");
        assertThat(api.patch(one, "text/plain", "{}").code()).isEqualTo(415);
        assertThat(api.patch(one, "application/json-patch+json", "{}").code()).isEqualTo(400);
    }

    @Test
    void badRequestsAreToldWhatIsWrongWithThem() {
        var malformed = api.post(CONFIG_MAPS, "{\"a\":\nx}");
        assertThat(malformed.code()).isEqualTo(400);
        assertThat(malformed.message()).contains("line 2, column 1");

        assertThat(api.post(CONFIG_MAPS, "{\"kind\":\"Secret\"}").message())
                .isEqualTo(
                        "the kind in the data (Secret) does not match the expected kind"
                                + " (ConfigMap)");
        assertThat(api.post(CONFIG_MAPS, "{\"apiVersion\":\"apps/v1\"}").message())
                .isEqualTo(
                        "the API version in the data (apps/v1) does not match the expected API"
                                + " version (v1)");
        assertThat(api.put(CONFIG_MAPS + "/b", configMap("a", "")).message())
                .isEqualTo("the name of the object (a) does not match the name on the URL (b)");
        assertThat(api.get(CONFIG_MAPS + "?limit=x").message())
                .isEqualTo("query parameter limit: \"x\" is not an integer");
        assertThat(api.post(CONFIG_MAPS + "?dryRun=Some", configMap("a", "")).message())
                .isEqualTo(
                        "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value:"
                                + " \"Some\": supported values: \"All\"");
        assertThat(api.post(CONFIG_MAPS, "x".repeat(4 << 20)).code()).isEqualTo(413);
        assertThat(api.send("POST", CONFIG_MAPS, "{}", "Content-Type", "text/html").code())
                .isEqualTo(415);
        assertThat(api.get(CONFIG_MAPS, "Accept", "text/html").code()).isEqualTo(406);
        assertThat(api.get("/nothing").message())
                .isEqualTo("the server could not find the requested resource");
        assertThat(api.get("/api/v1/nothing").code()).isEqualTo(404);
        assertThat(api.send("PATCH", CONFIG_MAPS, "{}").json().string("reason"))
                .isEqualTo("MethodNotAllowed");
        assertThat(api.get(CONFIG_MAPS).json().array("items")).isEmpty();
    }

    @Test
    void unknownFieldsAreWarnedOfOrRefused() {
        var typo = configMap("one", "a").replace("\"data\"", "\"dta\"");

        var warned = api.post(CONFIG_MAPS, typo);
        assertThat(warned.code()).isEqualTo(201);
        assertThat(warned.header("Warning")).isEqualTo("299 - \"unknown field \\\"dta\\\"\"");

        var refused = api.post(CONFIG_MAPS + "?fieldValidation=Strict", typo.replace("one", "two"));
        assertThat(refused.code()).isEqualTo(400);
        assertThat(refused.message()).contains("unknown field \"dta\"");
    }

    @Test
    void aDryRunChangesNothing() {
        assertThat(api.post(CONFIG_MAPS + "?dryRun=All", configMap("one", "a")).code())
                .isEqualTo(201);
        assertThat(api.get(CONFIG_MAPS + "/one").code()).isEqualTo(404);
    }

    @Test
    void listsArePagedAndSelected() {
        for (var name : java.util.List.of("a", "b", "c")) {
            api.post(CONFIG_MAPS, configMap(name, name));
        }
        var first = api.get(CONFIG_MAPS + "?limit=2").json();
        var metadata = first.object("metadata");
        assertThat(first.string("kind")).isEqualTo("ConfigMapList");
        assertThat(first.array("items")).hasSize(2);
        assertThat(metadata.number("remainingItemCount", 0)).isOne();

        var token = java.net.URLEncoder.encode(metadata.string("continue"), StandardCharsets.UTF_8);
        var second = api.get(CONFIG_MAPS + "?limit=2&continue=" + token).json();
        assertThat(names(second)).containsExactly("c");
        assertThat(second.object("metadata").has("continue")).isFalse();

        assertThat(names(api.get(CONFIG_MAPS + "?fieldSelector=metadata.name%3Db").json()))
                .containsExactly("b");
        assertThat(names(api.get("/api/v1/configmaps").json())).containsExactly("a", "b", "c");
    }

    private static java.util.List<String> names(JsonObject list) {
        return list.array("items").objects().stream()
                .map(item -> item.object("metadata").string("name"))
                .toList();
    }

    @Test
    void deletingACollectionAnswersWithWhatWasDeleted() {
        api.post(CONFIG_MAPS, configMap("a", ""));
        api.post(CONFIG_MAPS, configMap("b", ""));

        assertThat(names(api.delete(CONFIG_MAPS).json())).containsExactly("a", "b");
        assertThat(api.get(CONFIG_MAPS).json().array("items")).isEmpty();
    }

    @Test
    void tablesAndMetadataAreShownToThoseWhoAsk() {
        api.post(CONFIG_MAPS, configMap("one", "a"));

        var table = api.get(CONFIG_MAPS, "Accept", TABLE + ",application/json").json();
        assertThat(table.string("kind")).isEqualTo("Table");
        assertThat(table.array("columnDefinitions").objects().getFirst().string("name"))
                .isEqualTo("Name");
        var row = table.array("rows").objects().getFirst();
        assertThat(row.array("cells").strings()).startsWith("one");
        assertThat(row.object("object").string("kind")).isEqualTo("PartialObjectMetadata");
        assertThat(row.object("object").has("data")).isFalse();

        assertThat(
                        api.get(CONFIG_MAPS + "?includeObject=Object", "Accept", TABLE)
                                .json()
                                .array("rows")
                                .objects()
                                .getFirst()
                                .object("object")
                                .has("data"))
                .isTrue();
        var partial =
                api.get(
                                CONFIG_MAPS + "/one",
                                "Accept",
                                "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
                        .json();
        assertThat(partial.names()).containsExactly("kind", "apiVersion", "metadata");
    }

    @Test
    void yamlGoesInAndOut() {
        var created =
                api.send(
                        "POST",
                        CONFIG_MAPS,
                        "metadata:\n  name: one\ndata:\n  a: \"yes\"\n  b: 'no: \"x\"'\n",
                        "Content-Type",
                        "application/yaml",
                        "Accept",
                        "application/yaml");

        assertThat(created.code()).isEqualTo(201);
        assertThat(created.header("Content-Type")).isEqualTo("application/yaml");
        assertThat(created.text()).contains("data:\n  a: \"yes\"\n  b: \"no: \\\"x\\\"\"\n");
        assertThat(api.get(CONFIG_MAPS + "/one").json().object("data").strings())
                .containsEntry("a", "yes")
                .containsEntry("b", "no: \"x\"");
        assertThat(
                        api.send(
                                        "POST",
                                        CONFIG_MAPS + "?fieldValidation=Strict",
                                        "metadata: {name: two}\ndata: {a: b, a: c}\n",
                                        "Content-Type",
                                        "application/yaml")
                                .message())
                .contains("duplicate field \"data.a\"");
        assertThat(
                        api.send(
                                        "POST",
                                        CONFIG_MAPS,
                                        "metadata:\n  name: [\n",
                                        "Content-Type",
                                        "application/yaml")
                                .message())
                .contains("line 3");
    }

    @Test
    void largeListsAreCompressedForThoseWhoCanRead() throws IOException {
        for (int i = 0; i < 4; i++) {
            api.post(CONFIG_MAPS, configMap("big" + i, "x".repeat(50_000)));
        }
        var request =
                HttpRequest.newBuilder(api.uri(CONFIG_MAPS)).header("Accept-Encoding", "gzip");
        var response = api.bytes(request);

        assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(response.body()).hasSizeLessThan(50_000);
        var text = new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
        assertThat(new String(text, StandardCharsets.UTF_8)).isEqualTo(api.get(CONFIG_MAPS).text());
        assertThat(api.get(CONFIG_MAPS).header("Content-Encoding")).isEmpty();
    }

    @Test
    void discoveryIsAggregatedForThoseWhoAskAndLegacyForOthers() {
        var type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        var core = api.get("/api", "Accept", type + ",application/json");
        assertThat(core.header("Content-Type")).isEqualTo(type);
        var version = core.json().array("items").objects().getFirst().array("versions").objects();
        var pods =
                version.getFirst().array("resources").objects().stream()
                        .filter(resource -> resource.string("resource").equals("pods"))
                        .findFirst()
                        .orElseThrow();
        assertThat(pods.string("scope")).isEqualTo("Namespaced");
        assertThat(pods.array("shortNames").strings()).containsExactly("po");
        assertThat(
                        pods.array("subresources").objects().stream()
                                .map(sub -> sub.string("subresource")))
                .contains("log", "exec", "status", "binding");
        assertThat(
                        api.get(
                                        "/apis",
                                        "Accept",
                                        type,
                                        "If-None-Match",
                                        api.get("/apis", "Accept", type).header("ETag"))
                                .code())
                .isEqualTo(304);

        assertThat(api.get("/api").json().array("versions").strings()).containsExactly("v1");
        assertThat(api.get("/apis/apps").json().object("preferredVersion").string("groupVersion"))
                .isEqualTo("apps/v1");
        assertThat(
                        api.get("/apis/apps/v1").json().array("resources").objects().stream()
                                .map(resource -> resource.string("name")))
                .contains("deployments", "deployments/scale", "deployments/status");
        assertThat(api.get("/apis/nothing/v1").code()).isEqualTo(404);
        assertThat(api.get("/version").json().string("gitVersion"))
                .isEqualTo("v1.36.2+coracle-test");
        assertThat(api.get("/version").json().string("minor")).isEqualTo("36");
    }

    @Test
    void healthIsToldToAnybodyAndReadinessCanFail() {
        assertThat(api.anonymous("/livez").text()).isEqualTo("ok");
        assertThat(api.anonymous("/readyz?verbose").text())
                .isEqualTo("[+]ping ok\n[+]started ok\nreadyz check passed\n");

        api.ready.set(false);

        assertThat(api.anonymous("/livez").code()).isEqualTo(200);
        var failed = api.anonymous("/readyz");
        assertThat(failed.code()).isEqualTo(500);
        assertThat(failed.text())
                .isEqualTo("[+]ping ok\n[-]started failed: reason withheld\nreadyz check failed\n");
        assertThat(api.anonymous("/readyz/ping").text()).isEqualTo("ok");
        assertThat(api.anonymous("/readyz?exclude=started").text()).isEqualTo("ok");
        assertThat(api.get("/readyz/nothing").code()).isEqualTo(404);
    }

    @Test
    void whoIsNotKnownGetsNothingElse() {
        assertThat(api.anonymous(CONFIG_MAPS).message()).isEqualTo("Unauthorized");
        assertThat(api.anonymous("/version").code()).isEqualTo(401);
        assertThat(api.anonymous(CONFIG_MAPS, "Authorization", "Bearer x.y.z").code())
                .isEqualTo(401);
    }

    @Test
    void aServiceAccountsTokenIsGoodAsLongAsTheAccountIs() {
        api.create(
                ResourceTypes.SERVICE_ACCOUNTS,
                """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot"}}
                """);
        var answer = api.post(DEFAULT + "/serviceaccounts/robot/token", "{\"spec\":{}}");
        assertThat(answer.code()).isEqualTo(201);
        var bearer = "Bearer " + answer.json().object("status").string("token");

        assertThat(api.anonymous("/api", "Authorization", bearer).code()).isEqualTo(200);
        var refused = api.anonymous(DEFAULT + "/pods", "Authorization", bearer);
        assertThat(refused.code()).isEqualTo(403);
        assertThat(refused.message())
                .isEqualTo(
                        "pods is forbidden: User \"system:serviceaccount:default:robot\" cannot list"
                                + " resource \"pods\" in API group \"\" in the namespace \"default\"");

        api.delete(DEFAULT + "/serviceaccounts/robot");

        assertThat(api.anonymous("/api", "Authorization", bearer).code()).isEqualTo(401);
    }

    @Test
    void tokensAreNotForLessThanTenMinutes() {
        api.create(
                ResourceTypes.SERVICE_ACCOUNTS,
                """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot"}}
                """);
        var answer =
                api.post(
                        DEFAULT + "/serviceaccounts/robot/token",
                        "{\"spec\":{\"expirationSeconds\":599}}");
        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.message()).contains("may not specify a duration less than 10 minutes");
    }

    @Test
    void theAdministratorIsToldWhoTheyAre() {
        var review = api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}").json();
        var user = review.object("status").object("userInfo");

        assertThat(user.string("username")).isEqualTo("kubernetes-admin");
        assertThat(user.array("groups").strings())
                .containsExactly("system:masters", "system:authenticated");
    }

    @Test
    void aPodIsBoundAndItsNameIsTaken() {
        api.create(
                ResourceTypes.PODS,
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},
                 "spec":{"containers":[{"name":"main","image":"busybox"}]}}
                """);
        var binding =
                """
                {"metadata":{"name":"web"},"target":{"kind":"Node","name":"yard"}}
                """;

        assertThat(api.post(DEFAULT + "/pods/web/binding", binding).code()).isEqualTo(201);
        assertThat(api.get(DEFAULT + "/pods/web").json().object("spec").string("nodeName"))
                .isEqualTo("yard");
        assertThat(api.post(DEFAULT + "/pods/web/binding", binding).code()).isEqualTo(409);
        assertThat(api.get(DEFAULT + "/pods/web/nothing").code()).isEqualTo(404);
        assertThat(api.put(DEFAULT + "/pods/web/binding", binding).code()).isEqualTo(405);
    }
}
