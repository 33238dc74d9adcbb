// SPDX-License-Identifier: Apache-2.0
package dev.coracle.cri;

import dev.coracle.disk.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What this machine lets containers do. Machines differ; each limit is said once and lived with.
///
/// `mayLowerOomScores` is false without CAP_SYS_RESOURCE, as in some virtual machines and most
/// containers.
public record Surroundings(
        Cgroups cgroups, boolean overlay, boolean apparmor, boolean mayLowerOomScores) {
    private static final int CAP_SYS_RESOURCE = 24;

    /// How control groups are mounted. Hybrid is version 1 with an empty version 2 beside it.
    public enum Cgroups {
        V1,
        HYBRID,
        V2,
        NONE
    }

    /// Looks around; `directory` is where layers will be kept, since overlays do not work on top of
    /// every file system.
    static Surroundings detect(Path directory) throws IOException, InterruptedException {
        return new Surroundings(
                cgroups(Path.of("/sys/fs/cgroup")),
                overlayWorks(directory),
                Files.exists(Path.of("/sys/kernel/security/apparmor/profiles")),
                hasCapability(Files.readString(Path.of("/proc/self/status")), CAP_SYS_RESOURCE));
    }

    /// Sentences for the user, one per limit; empty when there is none.
    public List<String> limits() {
        var limits = new ArrayList<String>();
        if (cgroups == Cgroups.NONE) {
            limits.add("no control groups are mounted, so containers cannot be limited");
        }
        if (!overlay) {
            limits.add(
                    "overlay mounts do not work on this machine, so layers are copied, which is slower");
        }
        if (!mayLowerOomScores) {
            limits.add(
                    "this machine grants no CAP_SYS_RESOURCE, so when memory runs out, containers"
                            + " are protected no better than other processes");
        }
        return List.copyOf(limits);
    }

    /// Whether packets between two pods on one bridge meet packet rules, which takes a module of
    /// the kernel: else answers to what was sent to a service go past whoever has to translate
    /// them.
    ///
    /// <https://wiki.nftables.org/wiki-nftables/index.php/Bridge_filtering>
    public static boolean bridgedPacketsMeetRules() {
        return Files.exists(Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables"));
    }

    /// The name of the containerd plug-in that keeps layers.
    String snapshotter() {
        return overlay ? "overlayfs" : "native";
    }

    static Cgroups cgroups(Path root) {
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            return Cgroups.V2;
        }
        if (!Files.exists(root.resolve("memory")) && !Files.exists(root.resolve("cpu"))) {
            return Cgroups.NONE;
        }
        return Files.exists(root.resolve("unified/cgroup.procs")) ? Cgroups.HYBRID : Cgroups.V1;
    }

    /// `status` is the text of `/proc/self/status`.
    static boolean hasCapability(String status, int capability) {
        return status.lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .anyMatch(mask -> (mask >>> capability & 1) == 1);
    }

    /// The only sure way to know is to try.
    private static boolean overlayWorks(Path directory) throws IOException, InterruptedException {
        var trial = Files.createTempDirectory(directory, "overlay-trial-");
        var paths = List.of("lower", "upper", "work", "merged");
        try {
            for (var name : paths) {
                Files.createDirectory(trial.resolve(name));
            }
            var options =
                    "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work"
                            .formatted(trial, trial, trial);
            var merged = trial.resolve("merged").toString();
            if (Command.run("mount", "-t", "overlay", "overlay", "-o", options, merged).failed()) {
                return false;
            }
            Command.run("umount", merged).orThrow();
            return true;
        } finally {
            Trees.delete(trial);
        }
    }
}
