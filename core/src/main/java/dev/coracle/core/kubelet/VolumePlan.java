// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.kubelet.volume.Volume;
import dev.coracle.core.view.Pod;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Works out what each volume of a pod must hold.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/>
public final class VolumePlan {
    /// Upstream's default for files made from objects: 0644.
    private static final int DEFAULT_MODE = 0644;

    /// A token lives an hour unless the volume says otherwise.
    private static final long DEFAULT_TOKEN_SECONDS = 3600;

    private static final Set<String> FILE_SOURCES =
            Set.of("configMap", "secret", "downwardAPI", "projected");

    private final Pod pod;
    private final Lookup lookup;
    private final PodFields fields;

    private VolumePlan(Pod pod, KubeletConfig config, Lookup lookup) {
        this.pod = pod;
        this.lookup = lookup;
        this.fields = new PodFields(pod, List.of(), config);
    }

    /// The volumes of a pod (a whole `v1.Pod`), in the pod's order.
    public static List<Volume> of(JsonObject tree, KubeletConfig config, Lookup lookup) {
        var plan = new VolumePlan(Pod.of(tree), config, lookup);
        return tree.object("spec").array("volumes").objects().stream().map(plan::volume).toList();
    }

    private Volume volume(JsonObject volume) {
        var name = volume.string("name");
        for (var source : volume.names()) {
            if (source.equals("name")) {
                continue;
            }
            var settings = volume.object(source);
            if (source.equals("emptyDir")) {
                return emptyDir(name, settings);
            }
            if (source.equals("hostPath")) {
                return new Volume.HostPath(name, settings.string("path"), settings.string("type"));
            }
            return FILE_SOURCES.contains(source)
                    ? files(name, source, settings)
                    : new Volume.Unsupported(name, source);
        }
        return emptyDir(name, JsonObject.EMPTY);
    }

    private static Volume emptyDir(String name, JsonObject settings) {
        var limit = settings.get("sizeLimit");
        return new Volume.EmptyDir(
                name,
                settings.string("medium").equals("Memory"),
                limit == null ? null : Quantity.parse(plain(limit)).value());
    }

    private static String plain(Json value) {
        return value instanceof JsonString(var text) ? text : value.toString();
    }

    private Volume files(String name, String source, JsonObject settings) {
        var files = new LinkedHashMap<String, Volume.File>();
        int mode = (int) settings.number("defaultMode", DEFAULT_MODE);
        try {
            if (source.equals("projected")) {
                for (var part : settings.array("sources").objects()) {
                    for (var kind : part.names()) {
                        project(kind, part.object(kind), mode, files);
                    }
                }
            } else {
                project(source, settings, mode, files);
            }
        } catch (MissingSource e) {
            return new Volume.Missing(
                    name,
                    "MountVolume.SetUp failed for volume \"%s\" : %s".formatted(name, e.what));
        } catch (UnsupportedSource e) {
            return new Volume.Unsupported(name, e.source);
        }
        return new Volume.Files(name, plugin(source), List.copyOf(files.values()));
    }

    private static String plugin(String source) {
        return switch (source) {
            case "configMap" -> "configmap";
            case "downwardAPI" -> "downward-api";
            default -> source;
        };
    }

    private void project(
            String kind, JsonObject settings, int mode, Map<String, Volume.File> files) {
        switch (kind) {
            case "configMap" -> {
                var name = settings.string("name");
                keys("configmap", name, configMap(name, settings), settings, mode, files);
            }
            case "secret" -> {
                // a Secret volume says secretName, a projected source says name
                var name =
                        settings.has("secretName")
                                ? settings.string("secretName")
                                : settings.string("name");
                keys("secret", name, secret(name, settings), settings, mode, files);
            }
            case "downwardAPI" -> downward(settings, mode, files);
            case "serviceAccountToken" ->
                    put(
                            files,
                            settings.string("path"),
                            mode,
                            new Volume.Content.Token(
                                    settings.string("audience"),
                                    settings.number("expirationSeconds", DEFAULT_TOKEN_SECONDS)));
            default -> throw new UnsupportedSource("projected." + kind);
        }
    }

    private Map<String, byte[]> configMap(String name, JsonObject settings) {
        var object = lookup.configMap(key(name));
        if (object == null) {
            return absent("configmap", name, settings);
        }
        var values = new TreeMap<String, byte[]>();
        object.object("data")
                .strings()
                .forEach((key, text) -> values.put(key, text.getBytes(StandardCharsets.UTF_8)));
        values.putAll(decoded(object.object("binaryData")));
        return values;
    }

    private Map<String, byte[]> secret(String name, JsonObject settings) {
        var object = lookup.secret(key(name));
        return object == null ? absent("secret", name, settings) : decoded(object.object("data"));
    }

    private static Map<String, byte[]> decoded(JsonObject data) {
        var values = new TreeMap<String, byte[]>();
        data.strings().forEach((key, text) -> values.put(key, Base64.getDecoder().decode(text)));
        return values;
    }

    private static Map<String, byte[]> absent(String kind, String name, JsonObject settings) {
        if (settings.bool("optional", false)) {
            return Map.of();
        }
        throw new MissingSource("%s \"%s\" not found".formatted(kind, name));
    }

    /// All keys under their own names, or the listed ones under theirs.
    private static void keys(
            String kind,
            String name,
            Map<String, byte[]> values,
            JsonObject settings,
            int mode,
            Map<String, Volume.File> files) {
        var items = settings.array("items").objects();
        if (items.isEmpty()) {
            values.forEach((key, bytes) -> put(files, key, mode, new Volume.Content.Bytes(bytes)));
            return;
        }
        for (var item : items) {
            var bytes = values.get(item.string("key"));
            if (bytes != null) {
                put(files, item, mode, new Volume.Content.Bytes(bytes));
            } else if (!settings.bool("optional", false)) {
                throw new MissingSource(
                        "%s \"%s\" references non-existent %s key: %s"
                                .formatted(kind, name, kind, item.string("key")));
            }
        }
    }

    private void downward(JsonObject settings, int mode, Map<String, Volume.File> files) {
        for (var item : settings.array("items").objects()) {
            try {
                var value =
                        item.has("fieldRef")
                                ? fields.fileValue(item.object("fieldRef").string("fieldPath"))
                                : fields.resource(item.object("resourceFieldRef"));
                var bytes = value.getBytes(StandardCharsets.UTF_8);
                put(files, item, mode, new Volume.Content.Bytes(bytes));
            } catch (ConfigException e) {
                throw new MissingSource(String.valueOf(e.getMessage()));
            }
        }
    }

    private ObjectKey key(String name) {
        return new ObjectKey(pod.key().namespace(), name);
    }

    private static void put(
            Map<String, Volume.File> files, JsonObject item, int mode, Volume.Content content) {
        int itemMode = item.get("mode") instanceof JsonNumber n ? (int) n.longValue() : mode;
        put(files, item.string("path"), itemMode, content);
    }

    private static void put(
            Map<String, Volume.File> files, String path, int mode, Volume.Content content) {
        files.put(path, new Volume.File(path, mode, content));
    }

    private static final class MissingSource extends RuntimeException {
        private final String what;

        MissingSource(String what) {
            super(what);
            this.what = what;
        }
    }

    private static final class UnsupportedSource extends RuntimeException {
        private final String source;

        UnsupportedSource(String source) {
            super(source);
            this.source = source;
        }
    }
}
