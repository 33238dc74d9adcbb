// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonNumber;
import dev.coracle.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/// Security contexts of pods and containers.
///
/// <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
final class SecurityRules {
    private static final String SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private static final String SYSCTL_FORM =
            "^(" + SYSCTL_SEGMENT + "[\\./])*" + SYSCTL_SEGMENT + "$";
    private static final Pattern SYSCTL = Pattern.compile(SYSCTL_FORM);
    private static final int SYSCTL_LENGTH = 253;
    private static final List<String> PROFILES =
            List.of("Localhost", "RuntimeDefault", "Unconfined");

    private SecurityRules() {}

    static void pod(JsonObject spec, String path, Causes causes) {
        var context = spec.object("securityContext");
        var at = path + ".securityContext";
        ids(context, List.of("fsGroup", "runAsUser", "runAsGroup"), at, causes);
        int index = 0;
        for (var group : context.array("supplementalGroups")) {
            if (group instanceof JsonNumber number && number.isLong()) {
                Numbers.id(
                        number.longValue(),
                        "%s.supplementalGroups[%d]".formatted(at, index),
                        causes);
            }
            index++;
        }
        if (spec.bool("shareProcessNamespace", false) && spec.bool("hostPID", false)) {
            causes.invalid(
                    at + ".shareProcessNamespace",
                    Json.of(true),
                    "ShareProcessNamespace and HostPID cannot both be enabled");
        }
        sysctls(spec, context, at, causes);
        oneOf(context, "fsGroupChangePolicy", List.of("Always", "OnRootMismatch"), at, causes);
        profiles(context, at, causes);
        oneOf(context, "supplementalGroupsPolicy", List.of("Merge", "Strict"), at, causes);
        oneOf(context, "seLinuxChangePolicy", List.of("MountOption", "Recursive"), at, causes);
    }

    static void container(JsonObject container, boolean hostUsers, String path, Causes causes) {
        if (!(container.get("securityContext") instanceof JsonObject context)) {
            return;
        }
        var at = path + ".securityContext";
        ids(context, List.of("runAsUser", "runAsGroup"), at, causes);
        oneOf(context, "procMount", List.of("Default", "Unmasked"), at, causes);
        if (hostUsers && context.string("procMount").equals("Unmasked")) {
            causes.invalid(
                    at + ".procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`");
        }
        profiles(context, at, causes);
        if (context.bool("allowPrivilegeEscalation", true)) {
            return;
        }
        if (context.bool("privileged", false)) {
            causes.invalid(
                    at,
                    context,
                    "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        var added = context.object("capabilities").array("add").strings();
        if (added.contains("CAP_SYS_ADMIN")) {
            causes.invalid(
                    at,
                    context,
                    "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    private static void ids(JsonObject context, List<String> names, String path, Causes causes) {
        names.forEach(name -> Numbers.id(context, name, path, causes));
    }

    private static void oneOf(
            JsonObject context, String name, List<String> allowed, String path, Causes causes) {
        var value = context.stringOrNull(name);
        if (value != null && !allowed.contains(value)) {
            causes.unsupported(path + "." + name, value, allowed);
        }
    }

    private static void sysctls(JsonObject spec, JsonObject context, String path, Causes causes) {
        var seen = new HashSet<String>();
        Items.each(
                context,
                path,
                "sysctls",
                (at, sysctl) -> {
                    var name = sysctl.string("name");
                    if (name.isEmpty()) {
                        causes.required(at + ".name");
                    } else if (name.length() > SYSCTL_LENGTH || !SYSCTL.matcher(name).matches()) {
                        causes.invalid(
                                at + ".name",
                                name,
                                "must have at most %d characters and match regex %s"
                                        .formatted(SYSCTL_LENGTH, SYSCTL_FORM));
                    } else if (!seen.add(name)) {
                        causes.duplicate(at + ".name", name);
                    }
                    shared(spec, name.replace('/', '.'), name, at + ".name", causes);
                });
    }

    private static void shared(
            JsonObject spec, String dotted, String name, String path, Causes causes) {
        if (spec.bool("hostNetwork", false) && dotted.startsWith("net.")) {
            causes.invalid(path, name, "may not be specified when 'hostNetwork' is true");
        }
        boolean ipc =
                dotted.startsWith("kernel.shm")
                        || dotted.startsWith("kernel.msg")
                        || dotted.equals("kernel.sem")
                        || dotted.startsWith("fs.mqueue.");
        if (spec.bool("hostIPC", false) && ipc) {
            causes.invalid(path, name, "may not be specified when 'hostIPC' is true");
        }
    }

    private static void profiles(JsonObject context, String path, Causes causes) {
        profile(context, "seccompProfile", "seccomp", path, causes);
        profile(context, "appArmorProfile", "AppArmor", path, causes);
    }

    private static void profile(
            JsonObject context, String name, String what, String path, Causes causes) {
        if (!(context.get(name) instanceof JsonObject profile)) {
            return;
        }
        var at = path + "." + name;
        var type = profile.string("type");
        var local = profile.stringOrNull("localhostProfile");
        if (type.isEmpty()) {
            causes.required(at + ".type", "type is required when " + name + " is set");
        } else if (!PROFILES.contains(type)) {
            causes.unsupported(at + ".type", type, PROFILES);
        }
        if (type.equals("Localhost")) {
            if (local == null || local.isEmpty()) {
                causes.required(
                        at + ".localhostProfile",
                        "must be set when %s type is Localhost".formatted(what));
            } else if (name.equals("seccompProfile")) {
                Paths.descending(local, at + ".localhostProfile", causes);
            } else if (!local.equals(local.strip())) {
                causes.invalid(
                        at + ".localhostProfile", local, "must not be padded with whitespace");
            }
        } else if (local != null) {
            causes.invalid(
                    at + ".localhostProfile",
                    local,
                    "can only be set when %s type is Localhost".formatted(what));
        }
    }
}
