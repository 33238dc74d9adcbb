// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonArray;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import java.util.ArrayList;
import java.util.List;

/// Services, slices and pods to make tables of.
public final class NetObjects {
    public static final String NODE = "yard";
    public static final String NODE_IP = "192.0.2.1";
    public static final RuleBook.Node ON = new RuleBook.Node(NODE, NODE_IP);

    private NetObjects() {}

    /// `{'a': 1}` with single quotes, because that reads better in Java.
    public static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    /// A healthy service: one port called `http`, 80 over TCP, at `ip`.
    public static JsonObject service(String name, String ip) {
        return json(
                """
                {'metadata': {'namespace': 'default', 'name': '%s', 'uid': '%s'},
                 'spec': {'type': 'ClusterIP', 'clusterIP': '%s', 'clusterIPs': ['%s'],
                          'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 80,
                                     'targetPort': 8080}]}}"""
                        .formatted(name, name, ip, ip));
    }

    /// Its spec with the fields of `text` in place of its own.
    public static JsonObject with(JsonObject service, String text) {
        return service.with("spec", spec -> merged(spec, json(text)));
    }

    private static JsonObject merged(JsonObject object, JsonObject more) {
        var result = object;
        for (var name : more.names()) {
            result = result.with(name, java.util.Objects.requireNonNull(more.get(name)));
        }
        return result;
    }

    /// The load balancer's addresses, as the status has them.
    public static JsonObject withIngress(JsonObject service, String ip) {
        return service.with(
                "status", json("{'loadBalancer': {'ingress': [{'ip': '%s'}]}}".formatted(ip)));
    }

    /// A slice of `service` with the port `http`, 8080 over TCP.
    public static JsonObject slice(String name, String service, JsonObject... endpoints) {
        return json("""
                        {'metadata': {'namespace': 'default', 'name': '%s',
                                      'labels': {'kubernetes.io/service-name': '%s'}},
                         'addressType': 'IPv4',
                         'ports': [{'name': 'http', 'protocol': 'TCP', 'port': 8080}]}"""
                        .formatted(name, service))
                .with("endpoints", JsonArray.of(List.of(endpoints)));
    }

    /// An endpoint that is ready, on this node.
    public static JsonObject ready(String ip) {
        return endpoint(ip, NODE, true, true, false);
    }

    public static JsonObject endpoint(
            String ip, String node, boolean ready, boolean serving, boolean terminating) {
        return json(
                """
                {'addresses': ['%s'], 'nodeName': '%s',
                 'conditions': {'ready': %s, 'serving': %s, 'terminating': %s}}"""
                        .formatted(ip, node, ready, serving, terminating));
    }

    /// A pod on this node with one container and these ports, each a JSON object.
    public static JsonObject pod(String name, String ip, String... ports) {
        var parsed = new ArrayList<Json>();
        for (var port : ports) {
            parsed.add(json(port));
        }
        return json(
                """
                {'metadata': {'namespace': 'default', 'name': '%s', 'uid': '%s'},
                 'spec': {'nodeName': '%s', 'restartPolicy': 'Always',
                          'containers': [{'name': 'app', 'image': 'app:1', 'ports': %s}]},
                 'status': {'phase': 'Running', 'podIP': '%s'}}"""
                        .formatted(name, name, NODE, JsonArray.of(parsed).text(), ip));
    }
}
