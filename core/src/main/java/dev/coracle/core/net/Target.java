// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import java.util.List;

/// What is done with packets to one destination. Choices are given by name.
public sealed interface Target {

    /// A cluster IP: packets of pods keep their source, all others get the node's.
    record Inside(String choice) implements Target {}

    /// An address that others reach as well: every packet gets the node's source, since it may have
    /// to come back through it.
    ///
    /// <https://kubernetes.io/docs/tutorials/services/source-ip/>
    record Outside(String choice) implements Target {}

    /// `externalTrafficPolicy: Local`: who comes from outside keeps its source and gets one of
    /// `local`, or nothing at all when that is empty. Pods and the node itself are not outside and
    /// get one of `choice`.
    ///
    /// <https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy>
    record OutsideLocal(String choice, String local) implements Target {}

    /// Whoever is in `sources` meets `target`; everybody else is dropped before anything else is
    /// asked.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>,
    /// `loadBalancerSourceRanges`
    record OnlyFrom(SourceRanges sources, Target target) implements Target {}

    /// Refused at once, so that nobody waits.
    record Reject() implements Target {}

    /// Not answered at all, as if this node were not responsible.
    record Drop() implements Target {}

    /// The names of the choices that packets may get their endpoint from.
    default List<String> choices() {
        return switch (this) {
            case Inside(var choice) -> List.of(choice);
            case Outside(var choice) -> List.of(choice);
            case OutsideLocal(var choice, var local) ->
                    local.isEmpty() ? List.of(choice) : List.of(choice, local);
            case OnlyFrom(_, var target) -> target.choices();
            case Reject() -> List.of();
            case Drop() -> List.of();
        };
    }
}
