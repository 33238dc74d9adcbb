// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The form in which a client wants its answer.
///
/// Differs from upstream: a client that accepts nothing but protobuf gets JSON, not protobuf.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/>
record Accept(Encoding encoding, View view) {
    static final Accept JSON = new Accept(Encoding.JSON, View.OBJECT);

    enum Encoding {
        JSON("application/json"),
        YAML("application/yaml");

        private final String mediaType;

        Encoding(String mediaType) {
            this.mediaType = mediaType;
        }

        String mediaType() {
            return mediaType;
        }
    }

    /// What of an object is shown, as the `as`, `g` and `v` parameters choose.
    enum View {
        OBJECT("", "", ""),
        TABLE("Table", "meta.k8s.io", "v1"),
        PARTIAL_OBJECT("PartialObjectMetadata", "meta.k8s.io", "v1"),
        PARTIAL_OBJECT_LIST("PartialObjectMetadataList", "meta.k8s.io", "v1"),
        DISCOVERY_V2("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2"),
        DISCOVERY_V2BETA1("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2beta1");

        private final String as;
        private final String group;
        private final String version;

        View(String as, String group, String version) {
            this.as = as;
            this.group = group;
            this.version = version;
        }

        /// The media type with the parameters that ask for this view.
        String mediaType() {
            return "application/json;g=%s;v=%s;as=%s".formatted(group, version, as);
        }

        String apiVersion() {
            return group + "/" + version;
        }
    }

    /// One element of the header.
    private record Clause(String type, Map<String, String> parameters, double quality) {}

    /// Picks the best of what `header` (empty: anything) accepts and this server offers; a clause
    /// that asks for a view not in `views` is passed over.
    ///
    /// @throws dev.coracle.core.api.ApiException 406 if nothing fits
    static Accept of(String header, Set<View> views) {
        if (header.isBlank()) {
            return JSON;
        }
        for (var clause : clauses(header)) {
            var as = clause.parameters().getOrDefault("as", "");
            for (var view : View.values()) {
                boolean asked =
                        as.isEmpty()
                                ? view == View.OBJECT
                                : views.contains(view)
                                        && view.as.equals(as)
                                        && view.group.equals(clause.parameters().get("g"))
                                        && view.version.equals(clause.parameters().get("v"));
                if (asked) {
                    switch (clause.type()) {
                        case "application/json", "application/*", "*/*" -> {
                            return new Accept(Encoding.JSON, view);
                        }
                        case "application/yaml" -> {
                            return new Accept(Encoding.YAML, view);
                        }
                        case "application/vnd.kubernetes.protobuf" -> {
                            if (!header.contains("json")) {
                                return new Accept(Encoding.JSON, view);
                            }
                        }
                        default -> {}
                    }
                }
            }
        }
        throw Errors.notAcceptable(List.of("application/json", "application/yaml"));
    }

    private static List<Clause> clauses(String header) {
        var clauses = new ArrayList<Clause>();
        for (var element : header.split(",")) {
            var parts = element.split(";");
            var parameters = new LinkedHashMap<String, String>();
            for (int i = 1; i < parts.length; i++) {
                var pair = parts[i].strip().split("=", 2);
                parameters.put(pair[0], pair.length == 2 ? pair[1] : "");
            }
            clauses.add(
                    new Clause(
                            parts[0].strip().toLowerCase(Locale.ROOT),
                            parameters,
                            quality(parameters.getOrDefault("q", "1"))));
        }
        clauses.sort(Comparator.comparingDouble(Clause::quality).reversed()); // stable
        return clauses;
    }

    private static double quality(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return 1; // a weight that is none is ignored
        }
    }
}
