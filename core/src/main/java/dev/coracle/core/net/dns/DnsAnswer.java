// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

import java.util.List;

/// What is known about a question. All but [Elsewhere] are said with authority.
public sealed interface DnsAnswer {

    /// `additional` is what the client would ask next.
    record Found(List<DnsRecord> records, List<DnsRecord> additional) implements DnsAnswer {
        public Found {
            records = List.copyOf(records);
            additional = List.copyOf(additional);
        }
    }

    /// The name is an alias, by way of these records in order, of one that is not the cluster's:
    /// the answer is these, then whatever `target` resolves to.
    record Alias(List<DnsRecord> records, String target) implements DnsAnswer {
        public Alias {
            records = List.copyOf(records);
        }
    }

    /// The name exists, but has no record of that type; `soa` goes into the authority section.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc2308#section-2.2>
    record NoData(DnsRecord soa) implements DnsAnswer {}

    /// The name does not exist; `soa` goes into the authority section.
    record NoSuchName(DnsRecord soa) implements DnsAnswer {}

    record Refused() implements DnsAnswer {}

    /// Not the cluster's: somebody else must be asked.
    record Elsewhere() implements DnsAnswer {}
}
