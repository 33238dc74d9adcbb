// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.net.dns;

/// What a client asks, of class IN. `name` is absolute, with its last dot, and as the client wrote
/// it: comparing does not regard case, answering keeps it.
public record DnsQuestion(String name, Type type) {
    public DnsQuestion {
        if (!name.endsWith(".")) {
            throw new IllegalArgumentException("\"" + name + "\" is not absolute");
        }
    }

    /// The types of record that make a difference here; `TRANSFER` is either of the two by which a
    /// whole zone is asked for.
    public enum Type {
        A,
        AAAA,
        SRV,
        PTR,
        CNAME,
        TXT,
        NS,
        SOA,
        TRANSFER,
        OTHER
    }
}
