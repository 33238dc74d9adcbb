// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Cluster DNS as a pod meets it, asked with `dig`.
///
/// The pods `web-1` and `web-2` are behind the service `web` and the headless `peers`, which is
/// their subdomain, too.
///
/// <https://github.com/kubernetes/dns/blob/master/docs/specification.md>,
/// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
@Timeout(300)
@Execution(ExecutionMode.CONCURRENT)
class DnsOnARealNodeTest {
    @RegisterExtension static final RealNode NODE = new RealNode();

    private static final String NAMESPACE = "named";
    private static final String DOMAIN = "named.svc.cluster.local.";

    /// How many addresses the service `crowd` has, all of them nobody's:
    /// <https://www.rfc-editor.org/rfc/rfc5737>.
    private static final int CROWD = 200;

    private static final String[] AUTHORITATIVE = {"qr", "aa", "rd", "ra"};

    /// How long a denial may be kept is the smaller of its SOA's own time to live and the last
    /// number: <https://www.rfc-editor.org/rfc/rfc2308#section-5>.
    private static final String SOA =
            "%s 30 IN SOA ns\\.dns\\.%<s hostmaster\\.%<s \\d+ 7200 1800 86400 30";

    private static NodeClient client;
    private static Kubectl kubectl;
    private static String web;
    private static String one;
    private static String two;

    @BeforeAll
    static void serve() throws IOException {
        assumeTrue(Kubectl.isInstalled("dig"), "skipped: there is no dig");
        client = NODE.client();
        kubectl = NODE.namespace(NAMESPACE);
        kubectl.apply(
                        services()
                                + slice("crowd", "IPv4", crowd())
                                + slice("six", "IPv6", List.of("2001:db8::5"))
                                + pod("web-1")
                                + pod("web-2")
                                + ClientPod.manifest("client"))
                .ok();
        kubectl.run("wait", "--for=condition=Ready", "pod", "--all", "--timeout=80s").ok();
        web = read("services/web").object("spec").string("clusterIP");
        one = podIp("web-1");
        two = podIp("web-2");
        for (var pod : List.of(one, two)) {
            await(dig -> dig.answer().size() == 2, "-x", pod);
        }
        await(dig -> dig.answer().size() == 2, "peers." + DOMAIN);
        await(dig -> dig.answer().size() == CROWD, "crowd." + DOMAIN);
        await(dig -> dig.answer().size() == 1, "aaaa", "six." + DOMAIN);
    }

    private static String services() {
        return """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          selector: {app: web}
          ports:
          - {name: http, port: 80, targetPort: 8080}
          - {name: voice, port: 5060, protocol: UDP}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: unnamed}
        spec: {selector: {app: nobody}, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: peers}
        spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: nobody}
        spec: {clusterIP: None, selector: {app: nobody}, ports: [{name: http, port: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: crowd}
        spec: {clusterIP: None, ports: [{name: http, port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: six}
        spec: {clusterIP: None, ports: [{name: http, port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: outside}
        spec: {type: ExternalName, externalName: www.example.org}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: inside}
        spec: {type: ExternalName, externalName: web.named.svc.cluster.local}
        ---
        """;
    }

    private static String slice(String service, String family, List<String> addresses) {
        return """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %1$s, labels: {kubernetes.io/service-name: %1$s}}
        addressType: %2$s
        ports: [{name: http, port: 80, protocol: TCP}]
        endpoints: [%3$s]
        ---
        """
                .formatted(
                        service,
                        family,
                        addresses.stream()
                                .map("{addresses: [\"%s\"], conditions: {ready: true}}"::formatted)
                                .collect(Collectors.joining(", ")));
    }

    private static List<String> crowd() {
        return IntStream.rangeClosed(1, CROWD).mapToObj(i -> "192.0.2." + i).toList();
    }

    private static String pod(String name) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, labels: {app: web}}
        spec:
          hostname: %1$s
          subdomain: peers
          terminationGracePeriodSeconds: 0
          containers:
          - {name: sleeper, image: "busybox:1.28", command: [sleep, "3600"]}
        ---
        """
                .formatted(name);
    }

    private static JsonObject read(String path) {
        return read(NAMESPACE, path);
    }

    private static JsonObject read(String namespace, String path) {
        return client.look("/api/v1/namespaces/" + namespace + "/" + path).ok();
    }

    private static String podIp(String name) {
        return read("pods/" + name).object("status").string("podIP");
    }

    private static Dig dig(String... arguments) {
        var command = new ArrayList<>(List.of("exec", "client", "--", "dig", "+timeout=20"));
        command.addAll(Arrays.asList(arguments));
        return new Dig(kubectl.run(command.toArray(String[]::new)).ok());
    }

    private static void await(Predicate<Dig> done, String... arguments) {
        Kubectl.await("dig " + String.join(" ", arguments), () -> dig(arguments), done);
    }

    private static String dashed(String ip) {
        return ip.replace('.', '-');
    }

    private static String reversed(String ip) {
        var parts = Arrays.asList(ip.split("\\."));
        return String.join(".", parts.reversed()) + ".in-addr.arpa.";
    }

    /// Everything about an answer that says that there is something of that type.
    private static void assertFound(Dig dig, String question, String... answer) {
        var softly = new SoftAssertions();
        softly.assertThat(dig.status()).isEqualTo("NOERROR");
        softly.assertThat(dig.flags()).containsExactlyInAnyOrder(AUTHORITATIVE);
        softly.assertThat(dig.question()).containsExactly(question);
        softly.assertThat(dig.answer()).containsExactlyInAnyOrder(answer);
        softly.assertThat(dig.authority()).isEmpty();
        softly.assertThat(dig.edns()).isEqualTo("version: 0, flags:; udp: 1232");
        softly.assertAll();
    }

    /// Everything about an answer that denies something: the zone's SOA says for how long.
    private static void assertDenied(String status, Dig dig, String zone) {
        var softly = new SoftAssertions();
        softly.assertThat(dig.status()).isEqualTo(status);
        softly.assertThat(dig.flags()).containsExactlyInAnyOrder(AUTHORITATIVE);
        softly.assertThat(dig.question()).hasSize(1);
        softly.assertThat(dig.answer()).isEmpty();
        softly.assertThat(dig.authority())
                .singleElement()
                .asString()
                .matches(SOA.formatted(zone.replace(".", "\\.")));
        softly.assertThat(dig.additional()).isEmpty();
        softly.assertAll();
    }

    private static void assertNoData(Dig dig) {
        assertDenied("NOERROR", dig, "cluster.local.");
    }

    private static void assertNoSuchName(Dig dig) {
        assertDenied("NXDOMAIN", dig, "cluster.local.");
    }

    @Test
    void aServiceHasItsAddress() {
        var dig = dig("web." + DOMAIN);
        var server = read("kube-system", "services/kube-dns").object("spec").string("clusterIP");

        assertFound(
                dig, "web.%s IN A".formatted(DOMAIN), "web.%s 30 IN A %s".formatted(DOMAIN, web));
        assertThat(dig.additional()).isEmpty();
        assertThat(dig.server()).isEqualTo("%s#53(%<s) (UDP)".formatted(server));
    }

    @Test
    void theApiServerHasAName() {
        var name = "kubernetes.default.svc.cluster.local.";
        var ip = read("default", "services/kubernetes").object("spec").string("clusterIP");

        assertFound(dig(name), name + " IN A", "%s 30 IN A %s".formatted(name, ip));
        assertThat(dig("+search", "+short", "kubernetes.default.svc").text().strip()).isEqualTo(ip);
    }

    @Test
    void shortNamesAreFoundByTheListInThePod() {
        assertThat(dig("+search", "+short", "web").text().strip()).isEqualTo(web);
        assertThat(dig("+search", "+short", "web-2.peers").text().strip()).isEqualTo(two);
    }

    @Test
    void aHeadlessServiceHasTheAddressesOfItsPods() {
        var name = "peers." + DOMAIN;

        assertFound(
                dig(name),
                name + " IN A",
                "%s 30 IN A %s".formatted(name, one),
                "%s 30 IN A %s".formatted(name, two));
        assertNoSuchName(dig("nobody." + DOMAIN));
    }

    @Test
    void addressesAreOfTheFamilyThatIsAskedFor() {
        var six = "six." + DOMAIN;

        assertFound(dig("aaaa", six), six + " IN AAAA", six + " 30 IN AAAA 2001:db8::5");
        assertNoData(dig("a", six));
        assertNoData(dig("aaaa", "web." + DOMAIN));
        assertNoData(dig("aaaa", "peers." + DOMAIN));
        assertNoData(dig("aaaa", "web-1.peers." + DOMAIN));
        assertNoData(dig("aaaa", dashed(one) + ".named.pod.cluster.local."));
        assertNoSuchName(dig("aaaa", "nothing." + DOMAIN));
    }

    /// By its hostname in its subdomain, or else by its address.
    @Test
    void aPodHasANameBelowItsServices() {
        var hostname = "web-1.peers." + DOMAIN;
        var byAddress = dashed(one) + ".web." + DOMAIN;

        assertFound(dig(hostname), hostname + " IN A", "%s 30 IN A %s".formatted(hostname, one));
        assertFound(dig(byAddress), byAddress + " IN A", "%s 30 IN A %s".formatted(byAddress, one));
        assertNoSuchName(dig(dashed(one) + ".peers." + DOMAIN));
        assertNoSuchName(dig("web-3.peers." + DOMAIN));
        assertNoSuchName(dig("web-1." + DOMAIN));
    }

    @Test
    void anAddressIsANameInEveryNamespaceThatThereIs() {
        var name = dashed(one) + ".named.pod.cluster.local.";
        var six = "2001-db8--5.named.pod.cluster.local.";

        assertFound(dig(name), name + " IN A", "%s 30 IN A %s".formatted(name, one));
        assertFound(dig("aaaa", six), six + " IN AAAA", six + " 30 IN AAAA 2001:db8::5");
        assertNoSuchName(dig(dashed(one) + ".nowhere.pod.cluster.local."));
        assertNoSuchName(dig("10-244-0-256.named.pod.cluster.local."));
        assertNoSuchName(dig("web-1.named.pod.cluster.local."));
        assertNoData(dig("named.pod.cluster.local."));
    }

    @Test
    void namedPortsHaveSrvRecords() {
        var http = "_http._tcp.web." + DOMAIN;
        var dig = dig("srv", http);
        assertFound(dig, http + " IN SRV", "%s 30 IN SRV 0 100 80 web.%s".formatted(http, DOMAIN));
        assertThat(dig.additional()).containsExactly("web.%s 30 IN A %s".formatted(DOMAIN, web));

        var voice = "_voice._udp.web." + DOMAIN;
        assertFound(
                dig("srv", voice),
                voice + " IN SRV",
                "%s 30 IN SRV 0 100 5060 web.%s".formatted(voice, DOMAIN));

        assertNoSuchName(dig("srv", "_voice._tcp.web." + DOMAIN));
        assertNoSuchName(dig("srv", "_http._tcp.unnamed." + DOMAIN));
        assertNoSuchName(dig("srv", "_http._tcp.nobody." + DOMAIN));
    }

    @Test
    void portsOfHeadlessServicesHaveAnSrvRecordOfEveryPod() {
        var name = "_http._tcp.peers." + DOMAIN;
        var dig = dig("srv", name);

        assertFound(
                dig,
                name + " IN SRV",
                "%s 30 IN SRV 0 50 8080 web-1.peers.%s".formatted(name, DOMAIN),
                "%s 30 IN SRV 0 50 8080 web-2.peers.%s".formatted(name, DOMAIN));
        assertThat(dig.additional())
                .containsExactlyInAnyOrder(
                        "web-1.peers.%s 30 IN A %s".formatted(DOMAIN, one),
                        "web-2.peers.%s 30 IN A %s".formatted(DOMAIN, two));
    }

    @Test
    void addressesLeadBackToNames() {
        var service = reversed(web);
        var pod = reversed(one);
        var free = web.substring(0, web.lastIndexOf('.')) + ".255";

        assertFound(
                dig("-x", web),
                service + " IN PTR",
                "%s 30 IN PTR web.%s".formatted(service, DOMAIN));
        assertFound(
                dig("-x", one),
                pod + " IN PTR",
                "%s 30 IN PTR web-1.peers.%s".formatted(pod, DOMAIN),
                "%s 30 IN PTR %s.web.%s".formatted(pod, dashed(one), DOMAIN));
        assertThat(dig("-x", "2001:db8::5").answer())
                .singleElement()
                .asString()
                .endsWith(".ip6.arpa. 30 IN PTR 2001-db8--5.six." + DOMAIN);
        assertDenied("NXDOMAIN", dig("-x", free), "in-addr.arpa.");
    }

    @Test
    void anExternalNameIsAnAlias() {
        var outside = "outside." + DOMAIN;
        var inside = "inside." + DOMAIN;
        var alias = "%s 30 IN CNAME web.%s".formatted(inside, DOMAIN);

        assertFound(
                dig("cname", outside),
                outside + " IN CNAME",
                outside + " 30 IN CNAME www.example.org.");
        assertFound(dig("cname", inside), inside + " IN CNAME", alias);
        assertFound(
                dig(inside), inside + " IN A", alias, "web.%s 30 IN A %s".formatted(DOMAIN, web));
    }

    @Test
    void theZoneDescribesItself() {
        var version = "dns-version.cluster.local.";
        assertFound(dig("txt", version), version + " IN TXT", version + " 28800 IN TXT \"1.1.0\"");

        var soa = dig("soa", "cluster.local.");
        assertThat(soa.answer())
                .singleElement()
                .asString()
                .matches(SOA.formatted("cluster\\.local\\."));
        assertThat(soa.flags()).contains("aa");

        var server = dig("ns", "cluster.local.");
        assertFound(
                server,
                "cluster.local. IN NS",
                "cluster.local. 30 IN NS kube-dns.kube-system.svc.cluster.local.");
        assertThat(server.additional()).hasSize(1);
    }

    @Test
    void whatThereIsNotIsDenied() {
        assertNoSuchName(dig("nothing." + DOMAIN));
        assertNoSuchName(dig("web.nowhere.svc.cluster.local."));
        assertNoSuchName(dig("web.named.cluster.local."));
        assertNoSuchName(dig("any", "nothing." + DOMAIN));
        assertNoData(dig("mx", "web." + DOMAIN));
        assertNoData(dig("any", "web." + DOMAIN));
        assertNoData(dig("svc.cluster.local."));
        assertNoData(dig("cluster.local."));
    }

    /// Whether names outside of the cluster can be resolved here or not, nobody claims to own them.
    @Test
    void otherZonesAreNotTheClusters() {
        for (var name : List.of("web.named.svc.cluster.invalid.", "web.named.svc.local.invalid.")) {
            var dig = dig("+timeout=10", name);

            assertThat(dig.status()).isIn("SERVFAIL", "NXDOMAIN");
            assertThat(dig.flags()).contains("ra").doesNotContain("aa");
            assertThat(dig.answer()).isEmpty();
        }
    }

    @Test
    void caseIsKeptAndDoesNotMatter() {
        var name = "WeB.NaMeD.sVc.ClUsTeR.LoCaL.";

        assertFound(dig(name), name + " IN A", "%s 30 IN A %s".formatted(name, web));
        assertThat(dig("srv", "_HTTP._Tcp.web." + DOMAIN).answer())
                .containsExactly("_HTTP._Tcp.web.%s 30 IN SRV 0 100 80 web.%<s".formatted(DOMAIN));
    }

    /// <https://www.rfc-editor.org/rfc/rfc6891#section-6.1.1>,
    /// <https://www.rfc-editor.org/rfc/rfc3225#section-3>
    @Test
    void extensionsAreSpokenWithWhoSpeaksThem() {
        var name = "web." + DOMAIN;
        var address = "%s 30 IN A %s".formatted(name, web);

        var plain = dig("+noedns", name);
        assertThat(plain.edns()).isEmpty();
        assertThat(plain.text()).doesNotContain("OPT PSEUDOSECTION");
        assertThat(plain.answer()).containsExactly(address);

        var signed = dig("+dnssec", name);
        assertThat(signed.edns()).isEqualTo("version: 0, flags: do; udp: 1232");
        assertThat(signed.flags()).doesNotContain("ad");
        assertThat(signed.answer()).containsExactly(address);

        var future = dig("+edns=1", "+noednsnegotiation", name);
        assertThat(future.status()).isEqualTo("BADVERS");
        assertThat(future.edns()).startsWith("version: 0,");
        assertThat(dig("+edns=1", name).answer()).containsExactly(address);

        assertThat(dig("+norecurse", name).flags()).containsExactlyInAnyOrder("qr", "aa", "ra");
        assertThat(dig("+cdflag", name).flags()).contains("cd");
    }

    /// Without extensions an answer has 512 bytes, and never more than fits into one packet
    /// everywhere.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7766#section-5>,
    /// <https://www.rfc-editor.org/rfc/rfc9715>
    @Test
    void whatDoesNotFitIsAskedAgainOverTcp() {
        assertCutAndAskedAgain("+noedns", 512);
        assertCutAndAskedAgain("+bufsize=512", 512);
        assertCutAndAskedAgain("+bufsize=1232", 1232);
        assertCutAndAskedAgain("+bufsize=4096", 1232);
    }

    private static void assertCutAndAskedAgain(String option, int mostBytes) {
        var name = "crowd." + DOMAIN;
        var everybody = crowd().stream().map(ip -> "%s 30 IN A %s".formatted(name, ip)).toList();

        var cut = dig(option, "+ignore", name);
        assertThat(cut.status()).isEqualTo("NOERROR");
        assertThat(cut.flags()).containsExactlyInAnyOrder("qr", "aa", "tc", "rd", "ra");
        assertThat(cut.server()).endsWith("(UDP)");
        assertThat(cut.bytes()).isBetween(mostBytes - 16, mostBytes); // one more does not fit
        assertThat(everybody).containsAll(cut.answer());

        var whole = dig(option, name);
        assertThat(whole.retriedOverTcp()).isTrue();
        assertThat(whole.flags()).containsExactlyInAnyOrder(AUTHORITATIVE);
        assertThat(whole.server()).endsWith("(TCP)");
        assertThat(whole.answer()).containsExactlyInAnyOrderElementsOf(everybody);
    }

    @Test
    void overTcpTheAnswerIsTheSame() {
        var crowd = dig("+tcp", "srv", "_http._tcp.crowd." + DOMAIN);
        assertThat(crowd.retriedOverTcp()).isFalse();
        assertThat(crowd.flags()).containsExactlyInAnyOrder(AUTHORITATIVE);
        assertThat(crowd.answer()).hasSize(CROWD);
        assertThat(crowd.additional()).hasSize(CROWD);

        var name = "web." + DOMAIN;
        var tcp = dig("+tcp", name);
        assertThat(tcp.server()).endsWith("(TCP)");
        assertFound(tcp, name + " IN A", "%s 30 IN A %s".formatted(name, web));
    }

    @Test
    void whatIsNotServedIsRefused() {
        assertThat(dig("ch", "txt", "version.bind").status()).isEqualTo("REFUSED");
        assertThat(dig("axfr", "cluster.local.").text()).contains("Transfer failed.");
        assertThat(dig("+opcode=notify", "cluster.local.").text()).contains("status: NOTIMP");
    }
}
