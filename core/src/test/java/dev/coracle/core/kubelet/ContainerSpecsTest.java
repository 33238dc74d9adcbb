// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Pod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ContainerSpecsTest implements Lookup {
    private static final RuntimeReply.Image IMAGE =
            new RuntimeReply.Image(
                    "sha256:abc", "sha256:abc", 1, new RuntimeReply.ImageUser(null, ""), "");

    private final Map<String, JsonObject> configMaps = new HashMap<>();
    private final Map<String, JsonObject> secrets = new HashMap<>();
    private List<JsonObject> services = List.of();
    private String namespace = "default";
    private String podFields = "";

    @Override
    public @Nullable JsonObject configMap(ObjectKey key) {
        return configMaps.get(key.toString());
    }

    @Override
    public @Nullable JsonObject secret(ObjectKey key) {
        return secrets.get(key.toString());
    }

    @Override
    public List<JsonObject> services(String namespace) {
        return services.stream()
                .filter(service -> ObjectKey.of(service).namespace().equals(namespace))
                .toList();
    }

    private static JsonObject json(String text) {
        return (JsonObject) ScriptedNode.json(text.replace('\'', '"').replace('`', '\''));
    }

    private Pod pod(String containerFields) {
        return Pod.of(
                json(
                        """
                        {'metadata':{'name':'web','namespace':'%s','uid':'u',
                                     'labels':{'tier':'front'}},
                         'spec':{%s 'nodeName':'yard','containers':[{'name':'app','image':'box'%s}]}}
                        """
                                .formatted(namespace, podFields, containerFields)));
    }

    private ContainerSpec spec(String containerFields) throws ConfigException {
        var pod = pod(containerFields);
        return new ContainerSpecs(
                        pod,
                        List.of("10.1.2.3"),
                        Map.of("data", "/vol/data"),
                        ScriptedNode.CONFIG,
                        this)
                .of(pod.containers().getFirst(), 2, IMAGE);
    }

    @Test
    void valuesReferToEarlierOnesAndUnknownNamesStay() throws ConfigException {
        var spec =
                spec(
                        """
                        ,'command':['echo','$(GREETING)','$(NOBODY)','$$(GREETING)'],
                        'env':[{'name':'NAME','value':'you'},
                               {'name':'GREETING','value':'hello $(NAME), $(LATER)'},
                               {'name':'LATER','value':'late'}]""");

        assertThat(spec.env()).containsEntry("GREETING", "hello you, $(LATER)");
        assertThat(spec.command())
                .containsExactly("echo", "hello you, $(LATER)", "$(NOBODY)", "$(GREETING)");
    }

    @Test
    void fieldsAndResourcesAreFilledIn() throws ConfigException {
        var spec =
                spec(
                        """
                        ,'resources':{'limits':{'memory':'64Mi'},'requests':{'cpu':'250m'}},
                        'env':[
                         {'name':'IP','valueFrom':{'fieldRef':{'fieldPath':'status.podIP'}}},
                         {'name':'NODE','valueFrom':{'fieldRef':{'fieldPath':'spec.nodeName'}}},
                         {'name':'TIER','valueFrom':{'fieldRef':
                           {'fieldPath':'metadata.labels[`tier`]'}}},
                         {'name':'MEM','valueFrom':{'resourceFieldRef':
                           {'resource':'limits.memory','divisor':'1Mi'}}},
                         {'name':'CPU','valueFrom':{'resourceFieldRef':{'resource':'requests.cpu'}}},
                         {'name':'CPUS','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu'}}}]""");

        assertThat(spec.env())
                .containsEntry("IP", "10.1.2.3")
                .containsEntry("NODE", "yard")
                .containsEntry("TIER", "front")
                .containsEntry("MEM", "64")
                .containsEntry("CPU", "1")
                .containsEntry("CPUS", "2");
        assertThat(spec.resources())
                .isEqualTo(new ContainerSpec.Resources(256, 0, 0, 64L << 20, 985));
    }

    @Test
    void whatIsMissingIsNamedUnlessItIsOptional() throws ConfigException {
        var reference =
                ",'env':[{'name':'A','valueFrom':{'configMapKeyRef':{'name':'c','key':'k'%s}}}]";

        assertThatThrownBy(() -> spec(reference.formatted("")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configmap \"c\" not found");
        configMaps.put("default/c", json("{'data':{'other':'x'}}"));
        assertThatThrownBy(() -> spec(reference.formatted("")))
                .hasMessage("couldn't find key k in ConfigMap default/c");
        assertThat(spec(reference.formatted(",'optional':true")).env()).doesNotContainKey("A");
        configMaps.put("default/c", json("{'data':{'k':'v'}}"));
        assertThat(spec(reference.formatted("")).env()).containsEntry("A", "v");
    }

    @Test
    void envOverridesEnvFromAndSecretsAreDecoded() throws ConfigException {
        secrets.put("default/s", json("{'data':{'A':'YQ==','B':'Yg=='}}"));

        var spec =
                spec(
                        """
                        ,'envFrom':[{'prefix':'P_','secretRef':{'name':'s'}}],
                        'env':[{'name':'P_B','value':'own'}]""");

        assertThat(spec.env()).containsEntry("P_A", "a").containsEntry("P_B", "own");
    }

    @Test
    void servicesAreAnnouncedAsVariables() throws ConfigException {
        services =
                List.of(
                        json(
                                """
                                {'metadata':{'name':'kubernetes','namespace':'default'},
                                 'spec':{'clusterIP':'10.96.0.1',
                                         'ports':[{'name':'https','port':443,'protocol':'TCP'}]}}"""),
                        json(
                                """
                                {'metadata':{'name':'headless','namespace':'default'},
                                 'spec':{'clusterIP':'None','ports':[{'port':1}]}}"""));

        assertThat(spec("").env())
                .containsExactly(
                        Map.entry("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
                        Map.entry("KUBERNETES_SERVICE_PORT", "443"),
                        Map.entry("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
                        Map.entry("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
                        Map.entry("KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"),
                        Map.entry("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
                        Map.entry("KUBERNETES_PORT_443_TCP_PORT", "443"),
                        Map.entry("KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1"));
    }

    private static JsonObject service(String namespace, String name, String ip, String ports) {
        return json(
                """
                {'metadata':{'name':'%s','namespace':'%s'},'spec':{'clusterIP':'%s','ports':[%s]}}"""
                        .formatted(name, namespace, ip, ports));
    }

    private static String https(int port) {
        return "{'name':'https','port':" + port + ",'protocol':'TCP'}";
    }

    /// The example of
    /// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
    @Test
    void aServiceIsAnnouncedAsDocumentedAndItsFirstPortStandsForIt() throws ConfigException {
        services =
                List.of(
                        service(
                                "default",
                                "redis-primary",
                                "10.0.0.11",
                                "{'name':'client-port','port':6379},"
                                        + "{'name':'gossip','port':16379,'protocol':'UDP'}"));

        assertThat(spec("").env())
                .containsOnly(
                        Map.entry("REDIS_PRIMARY_SERVICE_HOST", "10.0.0.11"),
                        Map.entry("REDIS_PRIMARY_SERVICE_PORT", "6379"),
                        Map.entry("REDIS_PRIMARY_SERVICE_PORT_CLIENT_PORT", "6379"),
                        Map.entry("REDIS_PRIMARY_SERVICE_PORT_GOSSIP", "16379"),
                        Map.entry("REDIS_PRIMARY_PORT", "tcp://10.0.0.11:6379"),
                        Map.entry("REDIS_PRIMARY_PORT_6379_TCP", "tcp://10.0.0.11:6379"),
                        Map.entry("REDIS_PRIMARY_PORT_6379_TCP_PROTO", "tcp"),
                        Map.entry("REDIS_PRIMARY_PORT_6379_TCP_PORT", "6379"),
                        Map.entry("REDIS_PRIMARY_PORT_6379_TCP_ADDR", "10.0.0.11"),
                        Map.entry("REDIS_PRIMARY_PORT_16379_UDP", "udp://10.0.0.11:16379"),
                        Map.entry("REDIS_PRIMARY_PORT_16379_UDP_PROTO", "udp"),
                        Map.entry("REDIS_PRIMARY_PORT_16379_UDP_PORT", "16379"),
                        Map.entry("REDIS_PRIMARY_PORT_16379_UDP_ADDR", "10.0.0.11"));
    }

    @Test
    void servicesOfOtherNamespacesAreNotAnnounced() throws ConfigException {
        services =
                List.of(
                        service("default", "kubernetes", "10.96.0.1", https(443)),
                        service("default", "web", "10.96.0.2", https(443)),
                        service("other", "db", "10.96.0.3", https(443)),
                        service("other", "kubernetes", "10.96.0.4", https(443)));

        assertThat(spec("").env())
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.1")
                .containsEntry("WEB_SERVICE_HOST", "10.96.0.2")
                .doesNotContainKey("DB_SERVICE_HOST");
    }

    @Test
    void withoutServiceLinksOnlyTheApiServerIsAnnounced() throws ConfigException {
        services =
                List.of(
                        service("default", "kubernetes", "10.96.0.1", https(443)),
                        service("default", "web", "10.96.0.2", https(443)));
        podFields = "'enableServiceLinks':false,";

        assertThat(spec("").env())
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.1")
                .containsEntry("KUBERNETES_SERVICE_PORT_HTTPS", "443")
                .doesNotContainKey("WEB_SERVICE_HOST");
    }

    @Test
    void aServiceOfTheNamespaceTakesTheApiServersNameWhole() throws ConfigException {
        services =
                List.of(
                        service("default", "kubernetes", "10.96.0.1", https(443)),
                        service("shop", "kubernetes", "10.96.0.4", "{'port':80}"));
        namespace = "shop";

        assertThat(spec("").env())
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.4")
                .containsEntry("KUBERNETES_SERVICE_PORT", "80")
                .doesNotContainKey("KUBERNETES_SERVICE_PORT_HTTPS");
        podFields = "'enableServiceLinks':false,";
        assertThat(spec("").env())
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.1")
                .containsEntry("KUBERNETES_SERVICE_PORT_HTTPS", "443");
    }

    @Test
    void variablesMayReferToServicesAndOverrideThem() throws ConfigException {
        services = List.of(service("default", "web", "10.96.0.2", https(443)));

        assertThat(
                        spec("""
                                        ,'env':[{'name':'URL','value':'https://$(WEB_SERVICE_HOST)'},
                                                {'name':'WEB_PORT','value':'own'}]""")
                                .env())
                .containsEntry("URL", "https://10.96.0.2")
                .containsEntry("WEB_PORT", "own");
    }

    @Test
    void rootIsRefusedWhereItIsForbidden() {
        assertThatThrownBy(() -> spec(",'securityContext':{'runAsNonRoot':true}"))
                .hasMessage(
                        "container has runAsNonRoot and image will run as root (pod:"
                                + " \"web_default(u)\", container: app)");
        assertThatThrownBy(() -> spec(",'securityContext':{'runAsNonRoot':true,'runAsUser':0}"))
                .hasMessage(
                        "container's runAsUser breaks non-root policy (pod: \"web_default(u)\","
                                + " container: app)");
    }

    @Test
    void mountsEndWithTheHostsFileAndTheTerminationLog() throws ConfigException {
        var spec =
                spec(
                        """
                        ,'terminationMessagePath':'/dev/termination-log',
                        'volumeMounts':[{'name':'data','mountPath':'/data','readOnly':true}]""");

        assertThat(spec.mounts())
                .containsExactly(
                        new ContainerSpec.Mount("/data", "/vol/data", true, "None"),
                        new ContainerSpec.Mount(
                                "/etc/hosts", "/var/lib/kubelet/pods/u/etc-hosts", false, "None"),
                        new ContainerSpec.Mount(
                                "/dev/termination-log",
                                "/var/lib/kubelet/pods/u/containers/app/00000002",
                                false,
                                "None"));
        assertThat(spec.logPath()).isEqualTo("app/2.log");
        assertThat(spec.labels()).containsEntry("io.kubernetes.container.name", "app");
        assertThat(spec.annotations())
                .containsEntry("io.kubernetes.container.restartCount", "2")
                .containsEntry("io.kubernetes.pod.terminationGracePeriod", "30");
    }

    @Test
    void aSubPathIsRefusedByName() {
        assertThatThrownBy(
                        () ->
                                spec(
                                        ",'volumeMounts':[{'name':'data','mountPath':'/d',"
                                                + "'subPath':'a'}]"))
                .hasMessage("volumeMounts of volume \"data\": subPath \"a\" is not supported");
    }

    @Test
    void theResolverFollowsThePolicy() {
        var cluster = config("10.96.0.10");

        assertThat(PodDns.of(pod(""), cluster))
                .isEqualTo(
                        new SandboxSpec.Dns(
                                List.of("10.96.0.10"),
                                List.of(
                                        "default.svc.cluster.local",
                                        "svc.cluster.local",
                                        "cluster.local",
                                        "example.org"),
                                List.of("ndots:5")));
        podFields = "'dnsPolicy':'Default','dnsConfig':{'options':[{'name':'ndots','value':'3'}]},";
        assertThat(PodDns.of(pod(""), cluster))
                .isEqualTo(
                        new SandboxSpec.Dns(
                                List.of("192.0.2.1"),
                                List.of("example.org"),
                                List.of("ndots:3", "edns0")));
        podFields = "'dnsPolicy':'None','dnsConfig':{'nameservers':['9.9.9.9']},";
        assertThat(PodDns.of(pod(""), cluster))
                .isEqualTo(new SandboxSpec.Dns(List.of("9.9.9.9"), List.of(), List.of()));
    }

    @Test
    void aPodThatWantsTheClustersDnsIsToldWhereThereIsNone() {
        var without = config(null);

        assertThat(PodDns.missing(pod(""), without))
                .isEqualTo(
                        "pod: \"web_default(u)\". kubelet does not have ClusterDNS IP configured and"
                                + " cannot create Pod using \"ClusterFirst\" policy. Falling back to"
                                + " \"Default\" policy.");
        assertThat(PodDns.of(pod(""), without).servers()).containsExactly("192.0.2.1");
        assertThat(PodDns.missing(pod(""), config("10.96.0.10"))).isNull();
        podFields = "'hostNetwork':true,'dnsPolicy':'ClusterFirst',";
        assertThat(PodDns.missing(pod(""), without)).isNull();
        podFields = "'hostNetwork':true,'dnsPolicy':'ClusterFirstWithHostNet',";
        assertThat(PodDns.missing(pod(""), without)).isNotNull();
        podFields = "'dnsPolicy':'Default',";
        assertThat(PodDns.missing(pod(""), without)).isNull();
    }

    /// <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    @Test
    void aPodHasItsNameAsHostNameUnlessItIsOnTheNodesNetwork() {
        var config = config("10.96.0.10");

        assertThat(SandboxSpecs.of(pod(""), 0, config).hostname()).isEqualTo("web");
        podFields = "'hostname':'front',";
        assertThat(SandboxSpecs.of(pod(""), 0, config).hostname()).isEqualTo("front");
        podFields = "'hostNetwork':true,";
        assertThat(SandboxSpecs.of(pod(""), 0, config).hostname()).isEmpty();
    }

    static KubeletConfig config(@Nullable String clusterDns) {
        return new KubeletConfig(
                "yard",
                "192.0.2.9",
                "/logs",
                "/pods",
                "cluster.local",
                clusterDns,
                "nameserver 192.0.2.1\nsearch example.org\noptions ndots:1 edns0\n",
                1000,
                1 << 30,
                KubeletConfig.BackOff.UPSTREAM,
                KubeletConfig.BackOff.UPSTREAM);
    }
}
