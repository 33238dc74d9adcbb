// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import static dev.coracle.core.net.NetObjects.pod;
import static dev.coracle.core.net.NetObjects.ready;
import static dev.coracle.core.net.NetObjects.service;
import static dev.coracle.core.net.NetObjects.slice;
import static dev.coracle.core.net.NetObjects.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.StaleFlows.Flow;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RuleChangesTest {
    private static final Endpoint DNS = new Endpoint("10.96.0.10", 53);
    private static final Endpoint ONE = new Endpoint("10.244.0.7", 8080);
    private static final Endpoint TWO = new Endpoint("10.244.0.8", 8080);

    private final RuleBook book = new RuleBook(NetObjects.ON);

    private RuleChanges after(Consumer<RuleBook> change) {
        var before = book.table();
        change.accept(book);
        return RuleChanges.between(before, book.table());
    }

    /// A service of UDP with the node port 30053.
    private static JsonObject dns() {
        return with(
                service("dns", DNS.ip()),
                """
                {'type': 'NodePort',
                 'ports': [{'name': 'http', 'protocol': 'UDP', 'port': 53, 'nodePort': 30053}]}""");
    }

    private static JsonObject dnsSlice(JsonObject... endpoints) {
        return slice("dns-1", "dns", endpoints)
                .with(
                        "ports",
                        NetObjects.json(
                                        "{'ports': [{'name': 'http', 'protocol': 'UDP', 'port': 8080}]}")
                                .array("ports"));
    }

    @Test
    void oneEndpointMoreIsOneChoiceAndOneAddress() {
        for (int i = 0; i < 100; i++) {
            book.service(service("web" + i, "10.96.1." + i));
            book.slice(slice("web-1" + i, "web" + i, ready("10.244.0." + i)));
        }

        var changes =
                after(
                        it ->
                                it.slice(
                                        slice(
                                                "web-17",
                                                "web7",
                                                ready(ONE.ip()),
                                                ready("10.244.2.8"))));

        assertThat(changes.choices().keys()).containsExactly("all/default/web7/tcp/http");
        assertThat(changes.destinations().isEmpty()).isTrue();
        assertThat(changes.clusterIps().isEmpty()).isTrue();
        assertThat(changes.endpointIps().put().keySet()).containsExactly("10.244.2.8");
        assertThat(changes.endpointIps().gone()).isEmpty();
        assertThat(changes.staleFlows().isEmpty()).isTrue();
    }

    @Test
    void nothingChangedIsNothingToDo() {
        book.service(service("web", "10.96.0.1"));

        assertThat(after(it -> it.service(service("web", "10.96.0.1"))).isEmpty()).isTrue();
    }

    @Test
    void flowsToARemovedEndpointAreStale() {
        book.service(dns());
        book.slice(dnsSlice(ready(ONE.ip()), ready(TWO.ip())));

        var stale = after(it -> it.slice(dnsSlice(ready(TWO.ip())))).staleFlows();

        assertThat(stale.stale(new Flow(DNS, ONE), false)).isTrue();
        assertThat(stale.stale(new Flow(DNS, TWO), false)).isFalse();
        assertThat(stale.stale(new Flow(new Endpoint("192.0.2.1", 30_053), ONE), true)).isTrue();
        assertThat(stale.stale(new Flow(new Endpoint("192.0.2.9", 30_053), ONE), false)).isFalse();
        assertThat(stale.stale(new Flow(new Endpoint("192.0.2.9", 53), ONE), true)).isFalse();
    }

    @Test
    void flowsToNobodyAreStaleOnceThereIsSomebody() {
        book.service(dns());

        var stale = after(it -> it.slice(dnsSlice(ready(ONE.ip())))).staleFlows();

        assertThat(stale.stale(new Flow(DNS, DNS), false)).isTrue();
        assertThat(stale.stale(new Flow(DNS, ONE), false)).isFalse();
    }

    @Test
    void oneEndpointMoreMakesNoFlowStale() {
        book.service(dns());
        book.slice(dnsSlice(ready(ONE.ip())));

        assertThat(
                        after(it -> it.slice(dnsSlice(ready(ONE.ip()), ready(TWO.ip()))))
                                .staleFlows()
                                .isEmpty())
                .isTrue();
    }

    @Test
    void flowsOfAServiceOrHostPortThatIsGoneAreStale() {
        book.service(dns());
        book.slice(dnsSlice(ready(ONE.ip())));
        book.pod(
                pod(
                        "one",
                        ONE.ip(),
                        "{'containerPort': 8080, 'hostPort': 5353, 'protocol': 'UDP'}"));

        var stale =
                after(
                                it -> {
                                    it.serviceGone(new ObjectKey("default", "dns"));
                                    it.podGone(new ObjectKey("default", "one"));
                                })
                        .staleFlows();

        assertThat(stale.stale(new Flow(DNS, ONE), false)).isTrue();
        assertThat(stale.stale(new Flow(new Endpoint("192.0.2.1", 5353), ONE), true)).isTrue();
    }

    @Test
    void tcpLooksAfterItself() {
        book.service(service("web", "10.96.0.1"));
        book.slice(slice("web-1", "web", ready(ONE.ip())));

        assertThat(after(it -> it.slice(slice("web-1", "web"))).staleFlows().isEmpty()).isTrue();
    }
}
