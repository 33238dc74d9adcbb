// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static dev.coracle.host.http.RunningApi.DEFAULT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class WatchTest {
    private static final String CONFIG_MAPS = DEFAULT + "/configmaps";

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

    private void create(String name, String label) {
        var answer =
                api.post(
                        CONFIG_MAPS,
                        """
                        {"metadata":{"name":"%s","labels":{"app":"%s"}}}
                        """
                                .formatted(name, label));
        assertThat(answer.code()).isEqualTo(201);
    }

    private BufferedReader watch(String query, String... headers) {
        var response = api.open(CONFIG_MAPS + "?watch=1" + query, headers);
        assertThat(response.statusCode()).isEqualTo(200);
        return lines(response.body());
    }

    private static BufferedReader lines(InputStream body) {
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    private static JsonObject next(BufferedReader events) throws IOException {
        var line = events.readLine();
        assertThat(line).as("the watch has ended").isNotNull();
        return JsonReader.parseObject(line);
    }

    /// `ADDED one`.
    private static String brief(JsonObject event) {
        return event.string("type")
                + " "
                + event.object("object").object("metadata").string("name");
    }

    private static List<String> rest(BufferedReader events) throws IOException {
        var rest = new ArrayList<String>();
        for (var line = events.readLine(); line != null; line = events.readLine()) {
            rest.add(brief(JsonReader.parseObject(line)));
        }
        return rest;
    }

    private String revision() {
        return api.get(CONFIG_MAPS).json().object("metadata").string("resourceVersion");
    }

    @Test
    void anIdleWatchHasItsHeadersAndThenEveryChangeOnce() throws IOException {
        try (var events = watch("&resourceVersion=" + revision())) { // returns: headers are here
            create("one", "x");
            assertThat(brief(next(events))).isEqualTo("ADDED one");

            api.patch(
                    CONFIG_MAPS + "/one",
                    "application/merge-patch+json",
                    "{\"data\":{\"a\":\"b\"}}");
            var modified = next(events);
            assertThat(brief(modified)).isEqualTo("MODIFIED one");
            assertThat(modified.object("object")).isEqualTo(api.get(CONFIG_MAPS + "/one").json());

            api.delete(CONFIG_MAPS + "/one");
            assertThat(brief(next(events))).isEqualTo("DELETED one");
        }
    }

    @Test
    void whatIsThereComesFirstAndSelectorsHold() throws IOException {
        create("one", "x");
        create("two", "y");
        try (var events = watch("&labelSelector=app%3Dx")) {
            assertThat(brief(next(events))).isEqualTo("ADDED one");
            create("three", "x");
            assertThat(brief(next(events))).isEqualTo("ADDED three");
        }
    }

    @Test
    void aWatchEndsInTimeWithABookmark() throws IOException {
        create("one", "x");
        try (var events = watch("&timeoutSeconds=1&allowWatchBookmarks=true")) {
            assertThat(brief(next(events))).isEqualTo("ADDED one");
            var bookmark = next(events);
            assertThat(bookmark.string("type")).isEqualTo("BOOKMARK");
            assertThat(bookmark.object("object").string("kind")).isEqualTo("ConfigMap");
            assertThat(bookmark.object("object").object("metadata").string("resourceVersion"))
                    .isEqualTo(revision());
            assertThat(events.readLine()).isNull();
        }
    }

    @Test
    void initialEventsEndWithAnAnnotatedBookmark() throws IOException {
        create("one", "x");
        try (var events =
                watch(
                        "&sendInitialEvents=true&allowWatchBookmarks=true"
                                + "&resourceVersionMatch=NotOlderThan")) {
            assertThat(brief(next(events))).isEqualTo("ADDED one");
            var bookmark = next(events);
            assertThat(bookmark.string("type")).isEqualTo("BOOKMARK");
            assertThat(
                            bookmark.object("object")
                                    .object("metadata")
                                    .object("annotations")
                                    .string("k8s.io/initial-events-end"))
                    .isEqualTo("true");
            create("two", "x");
            assertThat(brief(next(events))).isEqualTo("ADDED two");
        }
        assertThat(api.get(CONFIG_MAPS + "?watch=1&sendInitialEvents=true").message())
                .contains("sendInitialEvents requires setting resourceVersionMatch");
    }

    @Test
    void aRevisionThatIsGoneIsAnErrorInTheStream() throws IOException {
        create("one", "x");
        create("two", "x");
        api.store.compact(api.store.revision());
        try (var events = watch("&resourceVersion=1")) {
            var error = next(events);
            assertThat(error.string("type")).isEqualTo("ERROR");
            assertThat(error.object("object").number("code", 0)).isEqualTo(410);
            assertThat(error.object("object").string("reason")).isEqualTo("Expired");
            assertThat(events.readLine()).isNull();
        }
    }

    @Test
    void onlyTheFirstTableOfAWatchHasColumns() throws IOException {
        create("one", "x");
        create("two", "x");
        try (var events = watch("", "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")) {
            var first = next(events).object("object");
            var second = next(events).object("object");
            assertThat(first.array("columnDefinitions")).isNotEmpty();
            assertThat(second.array("columnDefinitions")).isEmpty();
            assertThat(second.array("rows").objects().getFirst().array("cells").strings())
                    .startsWith("two");
        }
    }

    @Test
    void thousandsOfEventsComeWholeAndInOrder() throws IOException {
        try (var events = watch("&resourceVersion=" + revision())) {
            var expected = new ArrayList<String>();
            for (int i = 0; i < 300; i++) {
                create("n" + i, "x");
                expected.add("ADDED n" + i);
            }
            var seen = new ArrayList<String>();
            while (seen.size() < expected.size()) {
                seen.add(brief(next(events)));
            }
            assertThat(seen).isEqualTo(expected);
        }
    }

    @Test
    void watchesEndWellWhenTheServerStops() throws IOException {
        create("one", "x");
        try (var events = watch("&allowWatchBookmarks=true")) {
            assertThat(brief(next(events))).isEqualTo("ADDED one");

            api.server.close();

            assertThat(rest(events)).containsExactly("BOOKMARK ");
        }
    }

    /// Each holds a thread; there must be one for everybody else.
    @Test
    void hundredsOfWatchesKeepNobodyWaiting() throws Exception {
        create("one", "x");
        int count = 300;
        var request = HttpRequest.newBuilder(api.uri(CONFIG_MAPS + "?watch=1")).build();
        var client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1) // a connection for each
                        .sslContext(api.admin)
                        .build();
        try {
            var watches =
                    Stream.generate(
                                    () ->
                                            client.sendAsync(
                                                    request,
                                                    HttpResponse.BodyHandlers.ofInputStream()))
                            .limit(count)
                            .toList();
            for (var watch : watches) {
                assertThat(watch.get().statusCode()).isEqualTo(200);
            }

            create("two", "x");

            for (var watch : watches) {
                try (var events = lines(watch.get().body())) {
                    assertThat(brief(next(events))).isEqualTo("ADDED one");
                    assertThat(brief(next(events))).isEqualTo("ADDED two");
                }
            }
        } finally {
            client.shutdownNow();
        }
    }

    @Test
    void thereAreOnlySoManyWatches() throws IOException {
        var defaults = ApiServer.Config.onLoopback(0);
        var config =
                new ApiServer.Config(
                        defaults.address(),
                        0,
                        10,
                        1,
                        100,
                        defaults.bodyLimitBytes(),
                        defaults.headerLimitBytes(),
                        defaults.idleTimeout(),
                        defaults.watchLifetime());
        try (var small = new RunningApi(directory.resolve("small"), config);
                var _ = small.open(CONFIG_MAPS + "?watch=1").body()) {
            assertThat(small.get(CONFIG_MAPS + "?watch=1").code()).isEqualTo(429);
        }
    }
}
