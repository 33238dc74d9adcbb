// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.ip.HostAndPort;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A container's environment: services, then `envFrom`, then `env`, each overriding the former.
///
/// <https://k8s.io/docs/tasks/inject-data-application/define-environment-variable-container/>
final class Environment {
    private final Pod pod;
    private final List<String> ips;
    private final KubeletConfig config;
    private final Lookup lookup;

    /// `ips` are the pod's addresses.
    Environment(Pod pod, List<String> ips, KubeletConfig config, Lookup lookup) {
        this.pod = pod;
        this.ips = ips;
        this.config = config;
        this.lookup = lookup;
    }

    /// @throws ConfigException if a reference cannot be resolved
    Map<String, String> of(Container container) throws ConfigException {
        var result = new LinkedHashMap<String, String>();
        var services = services();
        for (var source : container.tree().array("envFrom").objects()) {
            from(source, result);
        }
        var own = new LinkedHashMap<String, String>();
        for (var variable : container.tree().array("env").objects()) {
            var value = value(variable, container, services, result, own);
            if (value != null) {
                own.put(variable.string("name"), value);
            }
        }
        result.putAll(own);
        services.forEach(result::putIfAbsent);
        return result;
    }

    private @Nullable String value(
            JsonObject variable,
            Container container,
            Map<String, String> services,
            Map<String, String> from,
            Map<String, String> own)
            throws ConfigException {
        if (!variable.has("valueFrom")) {
            return Expansion.expand(
                    variable.string("value"),
                    name -> {
                        if (own.containsKey(name)) {
                            return own.get(name);
                        }
                        return from.containsKey(name) ? from.get(name) : services.get(name);
                    });
        }
        var source = variable.object("valueFrom");
        if (source.has("fieldRef")) {
            return new PodFields(pod, ips, config)
                    .value(source.object("fieldRef").string("fieldPath"));
        }
        if (source.has("resourceFieldRef")) {
            return ResourceFields.value(source.object("resourceFieldRef"), container, pod, config);
        }
        if (source.has("configMapKeyRef")) {
            return configMapKey(source.object("configMapKeyRef"));
        }
        if (source.has("secretKeyRef")) {
            return secretKey(source.object("secretKeyRef"));
        }
        throw new ConfigException(
                "env "
                        + variable.string("name")
                        + ": valueFrom "
                        + String.join(", ", source.names())
                        + " is not supported");
    }

    private @Nullable String configMapKey(JsonObject reference) throws ConfigException {
        var name = reference.string("name");
        boolean optional = reference.bool("optional", false);
        var map = lookup.configMap(key(name));
        if (map == null) {
            return missing(optional, "configmap \"" + name + "\" not found");
        }
        var key = reference.string("key");
        var value = map.object("data").stringOrNull(key);
        return value != null
                ? value
                : missing(optional, "couldn't find key " + key + " in ConfigMap " + key(name));
    }

    private @Nullable String secretKey(JsonObject reference) throws ConfigException {
        var name = reference.string("name");
        boolean optional = reference.bool("optional", false);
        var secret = lookup.secret(key(name));
        if (secret == null) {
            return missing(optional, "secret \"" + name + "\" not found");
        }
        var key = reference.string("key");
        var value = secret.object("data").stringOrNull(key);
        return value != null
                ? decode(name, value)
                : missing(optional, "couldn't find key " + key + " in Secret " + key(name));
    }

    private static @Nullable String missing(boolean optional, String message)
            throws ConfigException {
        if (optional) {
            return null;
        }
        throw new ConfigException(message);
    }

    private void from(JsonObject source, Map<String, String> result) throws ConfigException {
        var prefix = source.string("prefix");
        if (source.has("configMapRef")) {
            var reference = source.object("configMapRef");
            var name = reference.string("name");
            var map = lookup.configMap(key(name));
            if (map != null) {
                map.object("data").strings().forEach((k, v) -> result.put(prefix + k, v));
            } else {
                missing(reference.bool("optional", false), "configmap \"" + name + "\" not found");
            }
        }
        if (source.has("secretRef")) {
            var reference = source.object("secretRef");
            var name = reference.string("name");
            var secret = lookup.secret(key(name));
            if (secret != null) {
                for (var entry : secret.object("data").strings().entrySet()) {
                    result.put(prefix + entry.getKey(), decode(name, entry.getValue()));
                }
            } else {
                missing(reference.bool("optional", false), "secret \"" + name + "\" not found");
            }
        }
    }

    private static String decode(String name, String base64) throws ConfigException {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new ConfigException("secret \"" + name + "\" holds a value that is not base64");
        }
    }

    private ObjectKey key(String name) {
        return new ObjectKey(pod.key().namespace(), name);
    }

    /// The API server always, and with `enableServiceLinks` every service of the namespace that has
    /// an address; one that is itself called `kubernetes` takes the API server's place.
    ///
    /// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
    private Map<String, String> services() {
        var variables = new LinkedHashMap<String, String>();
        var byName = new TreeMap<String, JsonObject>();
        lookup.services("default").stream()
                .filter(Environment::hasAddress)
                .filter(service -> ObjectKey.of(service).name().equals("kubernetes"))
                .forEach(service -> byName.put("kubernetes", service));
        if (pod.spec().bool("enableServiceLinks", true)) {
            lookup.services(pod.key().namespace()).stream()
                    .filter(Environment::hasAddress)
                    .forEach(service -> byName.put(ObjectKey.of(service).name(), service));
        }
        byName.values().forEach(service -> addService(service, variables));
        return variables;
    }

    private static boolean hasAddress(JsonObject service) {
        var spec = service.object("spec");
        var ip = spec.string("clusterIP");
        return !ip.isEmpty() && !ip.equals("None") && !spec.array("ports").objects().isEmpty();
    }

    private static void addService(JsonObject service, Map<String, String> variables) {
        var spec = service.object("spec");
        var ip = spec.string("clusterIP");
        var ports = spec.array("ports").objects();
        var prefix = variable(ObjectKey.of(service).name());
        variables.put(prefix + "_SERVICE_HOST", ip);
        variables.put(prefix + "_SERVICE_PORT", number(ports.getFirst()));
        for (var port : ports) {
            if (!port.string("name").isEmpty()) {
                variables.put(
                        prefix + "_SERVICE_PORT_" + variable(port.string("name")), number(port));
            }
        }
        variables.put(prefix + "_PORT", url(ip, ports.getFirst()));
        for (var port : ports) {
            var protocol = protocol(port).toUpperCase(Locale.ROOT);
            var name = prefix + "_PORT_" + number(port) + "_" + protocol;
            variables.put(name, url(ip, port));
            variables.put(name + "_PROTO", protocol(port));
            variables.put(name + "_PORT", number(port));
            variables.put(name + "_ADDR", ip);
        }
    }

    private static String url(String ip, JsonObject port) {
        return protocol(port) + "://" + HostAndPort.text(ip, number(port));
    }

    private static String protocol(JsonObject port) {
        var protocol = port.string("protocol");
        return protocol.isEmpty() ? "tcp" : protocol.toLowerCase(Locale.ROOT);
    }

    private static String number(JsonObject port) {
        return switch (port.get("port")) {
            case JsonNumber number -> number.literal();
            case JsonString(var text) -> text;
            case null, default -> "";
        };
    }

    private static String variable(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
