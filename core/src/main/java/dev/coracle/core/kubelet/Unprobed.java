// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.view.Container;
import java.util.ArrayList;
import java.util.List;

/// The health of containers that nobody probes: what runs has started and is ready, as for
/// containers without probes.
///
/// Differs from upstream: probes and lifecycle hooks are not run; a Warning event names them.
final class Unprobed implements PodFacts.Health {
    static final PodFacts.Health HEALTH = new Unprobed();

    private Unprobed() {}

    @Override
    public boolean started(Container container, RuntimeReply.ContainerStatus instance) {
        return true;
    }

    @Override
    public boolean ready(Container container, RuntimeReply.ContainerStatus instance) {
        return true;
    }

    /// The container's fields that have no effect.
    static List<String> fields(Container container) {
        var fields = new ArrayList<>(container.probes());
        container.tree().object("lifecycle").names().stream()
                .map(hook -> "lifecycle." + hook)
                .forEach(fields::add);
        return fields;
    }
}
