// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import java.util.List;

/// The rules of services.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>
final class ServiceRules {

    private ServiceRules() {}

    static List<String> name(String name) {
        return Names.label1035(name);
    }
}
