// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net;

import java.util.List;

/// What becomes of a new connection.
///
/// A table knows the kind of its source only. Where the very address decides, the answer says how,
/// and [#to] gives the one for an address.
public sealed interface Answer {

    /// It reaches one of these, from the node's address if `masqueraded`.
    record Reaches(List<Endpoint> endpoints, boolean masqueraded) implements Answer {}

    /// `answer` for whoever is in `sources`, and everybody else is dropped.
    record OnlyFrom(SourceRanges sources, Answer answer) implements Answer {}

    record Refused() implements Answer {}

    record Dropped() implements Answer {}

    /// No rule says anything about it.
    record Untouched() implements Answer {}

    /// What becomes of it if it comes from `ip`.
    default Answer to(String ip) {
        return switch (this) {
            case OnlyFrom(var sources, var answer) ->
                    sources.contains(ip) ? answer.to(ip) : new Dropped();
            case Reaches _, Refused _, Dropped _, Untouched _ -> this;
        };
    }
}
