// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the [Kubelet] needs to know of its node.
///
/// `podLogDirectory` is such as `/var/log/pods`, `podsDirectory` such as `/var/lib/kubelet/pods`;
/// `clusterDns` is null where no cluster DNS is served; `resolvConf` is the text of the node's own
/// resolver configuration; `cpuMillis` and `memoryBytes` are the node's allocatable ones.
public record KubeletConfig(
        String nodeName,
        String nodeIp,
        String podLogDirectory,
        String podsDirectory,
        String clusterDomain,
        @Nullable String clusterDns,
        String resolvConf,
        long cpuMillis,
        long memoryBytes,
        BackOff restarts,
        BackOff pulls) {

    /// Doubles from `initial` to `limit`.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
    public record BackOff(Duration initial, Duration limit) {

        /// 10 s doubling to 300 s: upstream's, for restarts and for pulls.
        public static final BackOff UPSTREAM =
                new BackOff(Duration.ofSeconds(10), Duration.ofSeconds(300));

        /// Upstream's with another limit, as `crashLoopBackOff.maxContainerRestartPeriod` of a
        /// kubelet's configuration sets it; one below the first delay becomes that, too.
        ///
        /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>,
        /// "Configurable container restart delay"
        public static BackOff upTo(Duration limit) {
            var first = UPSTREAM.initial();
            return new BackOff(limit.compareTo(first) < 0 ? limit : first, limit);
        }

        /// The delay that follows `previous`.
        Duration after(Duration previous) {
            var doubled = previous.multipliedBy(2);
            return doubled.compareTo(limit) > 0 ? limit : doubled;
        }
    }
}
