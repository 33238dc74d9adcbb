// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.api.Quantity;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.Container;
import dev.coracle.core.view.Pod;
import dev.coracle.core.view.QosClass;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a container is to be made from, everything it refers to resolved.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container>
final class ContainerSpecs {
    private static final String HASH = "io.kubernetes.container.hash";
    private static final int SHARES_PER_CPU = 1024;
    private static final int MINIMUM_SHARES = 2;
    private static final long PERIOD_MICROS = 100_000;
    private static final long MINIMUM_QUOTA_MICROS = 1_000;

    private final Pod pod;
    private final List<String> ips;
    private final Map<String, String> volumes;
    private final KubeletConfig config;
    private final Lookup lookup;

    /// `ips` are the pod's addresses; `volumes` where each volume is on the host.
    ContainerSpecs(
            Pod pod,
            List<String> ips,
            Map<String, String> volumes,
            KubeletConfig config,
            Lookup lookup) {
        this.pod = pod;
        this.ips = ips;
        this.volumes = volumes;
        this.config = config;
        this.lookup = lookup;
    }

    /// @throws ConfigException if the spec cannot be met
    ContainerSpec of(Container container, int attempt, RuntimeReply.Image image)
            throws ConfigException {
        var tree = container.tree();
        var env = new Environment(pod, ips, config, lookup).of(container);
        return new ContainerSpec(
                container.name(),
                attempt,
                container.image(),
                image.ref(),
                expand(tree.array("command").strings(), env),
                expand(tree.array("args").strings(), env),
                tree.string("workingDir"),
                env,
                mounts(container, attempt, env),
                labels(container),
                annotations(container, attempt),
                container.name() + "/" + attempt + ".log",
                tree.bool("stdin", false),
                tree.bool("stdinOnce", false),
                tree.bool("tty", false),
                resources(tree.object("resources")),
                security(container, image.user()),
                container.stopSignal());
    }

    /// The files that the container's mounts need: `/etc/hosts` and the termination log.
    List<KubeletOutput.HostFile> files(Container container, int attempt) {
        var files = new ArrayList<KubeletOutput.HostFile>();
        files.add(
                new KubeletOutput.HostFile(
                        hostsPath(), SandboxSpecs.hosts(pod, ips, config), 0644));
        if (!terminationPath(container).isEmpty()) {
            files.add(new KubeletOutput.HostFile(terminationFile(container, attempt), "", 0666));
        }
        return files;
    }

    private static List<String> expand(List<String> words, Map<String, String> env) {
        return words.stream().map(word -> Expansion.expand(word, env::get)).toList();
    }

    private List<ContainerSpec.Mount> mounts(
            Container container, int attempt, Map<String, String> env) throws ConfigException {
        var mounts = new ArrayList<ContainerSpec.Mount>();
        for (var mount : container.tree().array("volumeMounts").objects()) {
            mounts.add(mount(mount, env));
        }
        if (!container.tree().array("volumeDevices").isEmpty()) {
            throw new ConfigException(
                    "container " + container.name() + ": volumeDevices are not supported");
        }
        boolean ownHosts =
                mounts.stream().anyMatch(mount -> mount.containerPath().equals("/etc/hosts"));
        boolean keepsNodes = pod.hostNetwork() && pod.spec().array("hostAliases").isEmpty();
        if (!ownHosts && !keepsNodes) {
            mounts.add(new ContainerSpec.Mount("/etc/hosts", hostsPath(), false, "None"));
        }
        if (!terminationPath(container).isEmpty()) {
            mounts.add(
                    new ContainerSpec.Mount(
                            terminationPath(container),
                            terminationFile(container, attempt),
                            false,
                            "None"));
        }
        return mounts;
    }

    private ContainerSpec.Mount mount(JsonObject mount, Map<String, String> env)
            throws ConfigException {
        var name = mount.string("name");
        var hostPath = volumes.get(name);
        if (hostPath == null) {
            throw new ConfigException("volume \"" + name + "\" is not mounted");
        }
        var subPath =
                mount.string("subPath").isEmpty()
                        ? Expansion.expand(mount.string("subPathExpr"), env::get)
                        : mount.string("subPath");
        if (!subPath.isEmpty()) {
            throw new ConfigException(
                    "volumeMounts of volume \""
                            + name
                            + "\": subPath \""
                            + subPath
                            + "\" is not supported");
        }
        if (mount.string("recursiveReadOnly").equals("Enabled")) {
            throw new ConfigException(
                    "volumeMounts of volume \""
                            + name
                            + "\": recursiveReadOnly Enabled is not supported");
        }
        var path = mount.string("mountPath");
        var propagation = mount.string("mountPropagation");
        return new ContainerSpec.Mount(
                path.startsWith("/") ? path : "/" + path,
                hostPath,
                mount.bool("readOnly", false),
                propagation.isEmpty() ? "None" : propagation);
    }

    private String hostsPath() {
        return config.podsDirectory() + "/" + pod.uid() + "/etc-hosts";
    }

    private static String terminationPath(Container container) {
        return container.tree().string("terminationMessagePath");
    }

    private String terminationFile(Container container, int attempt) {
        return config.podsDirectory()
                + "/"
                + pod.uid()
                + "/containers/"
                + container.name()
                + "/"
                + HexFormat.of().toHexDigits(attempt);
    }

    private Map<String, String> labels(Container container) {
        var labels = new LinkedHashMap<>(SandboxSpecs.identity(pod));
        labels.put("io.kubernetes.container.name", container.name());
        return labels;
    }

    private Map<String, String> annotations(Container container, int attempt) {
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(HASH, hash(container));
        annotations.put("io.kubernetes.container.restartCount", Integer.toString(attempt));
        annotations.put(
                "io.kubernetes.container.terminationMessagePath", terminationPath(container));
        annotations.put(
                "io.kubernetes.container.terminationMessagePolicy",
                container.tree().string("terminationMessagePolicy"));
        annotations.put(
                "io.kubernetes.pod.terminationGracePeriod",
                Long.toString(pod.terminationGrace().toSeconds()));
        return annotations;
    }

    /// Changes with what may be changed of a container in place: its image.
    static String hash(Container container) {
        return HexFormat.of().toHexDigits((container.name() + " " + container.image()).hashCode());
    }

    /// Whether an instance was made from another definition of its container.
    static boolean isOutdated(Container container, RuntimeReply.ContainerStatus instance) {
        var hash = instance.annotations().get(HASH);
        return hash != null && !hash.equals(hash(container));
    }

    /// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
    private ContainerSpec.Resources resources(JsonObject resources) {
        var limits = resources.object("limits").strings();
        var requests = resources.object("requests").strings();
        var cpuLimit = Quantity.parse(limits.getOrDefault("cpu", "0"));
        var cpuRequest = Quantity.parse(requests.getOrDefault("cpu", cpuLimit.toString()));
        var memoryLimit = Quantity.parse(limits.getOrDefault("memory", "0"));
        var memoryRequest = Quantity.parse(requests.getOrDefault("memory", memoryLimit.toString()));
        long quota = cpuLimit.milliValue() * PERIOD_MICROS / 1000;
        return new ContainerSpec.Resources(
                Math.max(MINIMUM_SHARES, cpuRequest.milliValue() * SHARES_PER_CPU / 1000),
                quota == 0 ? 0 : Math.max(MINIMUM_QUOTA_MICROS, quota),
                quota == 0 ? 0 : PERIOD_MICROS,
                memoryLimit.value(),
                oomScoreAdjust(memoryRequest.value()));
    }

    /// <https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/>
    private int oomScoreAdjust(long memoryRequest) {
        return switch (QosClass.of(pod.spec())) {
            case GUARANTEED -> -997;
            case BEST_EFFORT -> 1000;
            case BURSTABLE ->
                    Math.clamp(
                            1000 - 1000 * memoryRequest / Math.max(1, config.memoryBytes()),
                            3,
                            999);
        };
    }

    /// A container's own security context goes before the pod's.
    ///
    /// <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    private ContainerSpec.Security security(Container container, RuntimeReply.ImageUser imageUser)
            throws ConfigException {
        var own = container.tree().object("securityContext");
        var shared = pod.spec().object("securityContext");
        var asked = firstOf("runAsUser", own, shared);
        verifyNonRoot(container, own, shared, asked, imageUser);
        boolean named = asked == null && imageUser.uid() == null && !imageUser.name().isEmpty();
        var user = asked != null ? asked : imageUser.uid();
        var capabilities = own.object("capabilities");
        boolean privileged = own.bool("privileged", false);
        var profile = (own.has("seccompProfile") ? own : shared).object("seccompProfile");
        return new ContainerSpec.Security(
                privileged,
                named ? null : user == null ? Long.valueOf(0) : user,
                firstOf("runAsGroup", own, shared),
                named ? imageUser.name() : "",
                SandboxSpecs.groups(shared),
                own.bool("readOnlyRootFilesystem", false),
                !privileged && !own.bool("allowPrivilegeEscalation", true),
                capabilities.array("add").strings(),
                capabilities.array("drop").strings(),
                privileged ? SandboxSpec.SeccompProfile.UNCONFINED : SandboxSpecs.seccomp(profile));
    }

    private static @Nullable Long firstOf(String name, JsonObject own, JsonObject shared) {
        return SandboxSpecs.number(own.has(name) ? own : shared, name);
    }

    private void verifyNonRoot(
            Container container,
            JsonObject own,
            JsonObject shared,
            @Nullable Long user,
            RuntimeReply.ImageUser imageUser)
            throws ConfigException {
        if (!(own.has("runAsNonRoot") ? own : shared).bool("runAsNonRoot", false)) {
            return;
        }
        var where = " (pod: \"" + podName(pod) + "\", container: " + container.name() + ")";
        if (user != null) {
            if (user == 0) {
                throw new ConfigException("container's runAsUser breaks non-root policy" + where);
            }
            return;
        }
        var uid = imageUser.uid();
        if (uid == null && !imageUser.name().isEmpty()) {
            throw new ConfigException(
                    "container has runAsNonRoot and image has non-numeric user ("
                            + imageUser.name()
                            + "), cannot verify user is non-root"
                            + where);
        }
        if (uid == null || uid == 0) {
            throw new ConfigException(
                    "container has runAsNonRoot and image will run as root" + where);
        }
    }

    /// `crash_default(uid)`, as messages name a pod.
    static String podName(Pod pod) {
        return pod.key().name() + "_" + pod.key().namespace() + "(" + pod.uid() + ")";
    }
}
