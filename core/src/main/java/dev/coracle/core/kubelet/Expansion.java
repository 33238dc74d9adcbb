// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// `$(NAME)` in values, commands and arguments: replaced when NAME is known, left as it is when
/// not; `$$` is a dollar sign.
///
/// <https://k8s.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
final class Expansion {
    private Expansion() {}

    static String expand(String text, Function<String, @Nullable String> variables) {
        var result = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
            if (c != '$' || (next != '$' && next != '(')) {
                result.append(c);
                at++;
                continue;
            }
            if (next == '$') {
                result.append('$');
                at += 2;
                continue;
            }
            int end = text.indexOf(')', at);
            if (end < 0) {
                result.append("$(");
                at += 2;
                continue;
            }
            var value = variables.apply(text.substring(at + 2, end));
            result.append(value == null ? text.substring(at, end + 1) : value);
            at = end + 1;
        }
        return result.toString();
    }
}
