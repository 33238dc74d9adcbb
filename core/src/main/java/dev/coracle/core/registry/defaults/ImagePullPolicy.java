// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import java.util.regex.Pattern;

/// When an image is pulled if its author does not say: always for `latest`, said or implied, else
/// only when it is not there.
///
/// <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>
final class ImagePullPolicy {
    /// Registry and path, tag, digest. A host may hold upper case, the rest of a path may not.
    private static final Pattern REFERENCE =
            Pattern.compile(
                    "(?:[A-Za-z0-9.\\-\\[\\]:]+/)?[a-z0-9._\\-]+(?:/[a-z0-9._\\-]+)*"
                            + "(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.\\-]*))?"
                            + "(?<digest>@[A-Za-z0-9+._\\-]+:[0-9a-fA-F]+)?");

    private ImagePullPolicy() {}

    static String defaultFor(String image) {
        var matcher = REFERENCE.matcher(image);
        if (!matcher.matches()) {
            return "IfNotPresent"; // validation has its say later
        }
        var tag = matcher.group("tag");
        boolean latest = tag == null ? matcher.group("digest") == null : tag.equals("latest");
        return latest ? "Always" : "IfNotPresent";
    }
}
