// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A choice of objects by some of their fields: `status.phase=Running,spec.nodeName!=yard`. Every
/// term must hold; none chooses everything.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
public record FieldSelector(List<Term> terms) {
    public static final FieldSelector EVERYTHING = new FieldSelector(List.of());

    public FieldSelector {
        terms = List.copyOf(terms);
    }

    /// `field` must, or if `negated` must not, be `value`.
    public record Term(String field, boolean negated, String value) {
        private String text() {
            return field + (negated ? "!=" : "=") + value;
        }
    }

    /// Reads the text form; `\,`, `\=` and `\\` stand for themselves.
    ///
    /// @throws ApiException 400 naming the term that is none
    public static FieldSelector parse(String text) {
        if (text.isEmpty()) {
            return EVERYTHING;
        }
        var terms = new ArrayList<Term>();
        for (var part : split(text)) {
            if (!part.isEmpty()) {
                terms.add(term(text, part));
            }
        }
        return new FieldSelector(terms);
    }

    private static List<String> split(String text) {
        var parts = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == ',') {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static Term term(String text, String part) {
        for (int i = 0; i < part.length(); i++) {
            var rest = part.substring(i);
            if (rest.startsWith("!=")) {
                return new Term(part.substring(0, i), true, unescape(text, rest.substring(2)));
            }
            if (rest.startsWith("==")) {
                return new Term(part.substring(0, i), false, unescape(text, rest.substring(2)));
            }
            if (rest.startsWith("=")) {
                return new Term(part.substring(0, i), false, unescape(text, rest.substring(1)));
            }
        }
        throw ApiException.badRequest(
                "invalid selector: '%s'; can't understand '%s'".formatted(text, part));
    }

    private static String unescape(String text, String value) {
        var plain = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '=') {
                throw ApiException.badRequest(
                        "invalid selector: '%s'; unescaped '=' in '%s'".formatted(text, value));
            }
            if (c == '\\') {
                i++;
                if (i == value.length() || "\\,=".indexOf(value.charAt(i)) < 0) {
                    throw ApiException.badRequest(
                            "invalid selector: '%s'; invalid escape in '%s'"
                                    .formatted(text, value));
                }
                c = value.charAt(i);
            }
            plain.append(c);
        }
        return plain.toString();
    }

    /// The value that `field` must have, null when the selector does not pin it.
    public @Nullable String required(String field) {
        return terms.stream()
                .filter(term -> !term.negated() && term.field().equals(field))
                .map(Term::value)
                .findFirst()
                .orElse(null);
    }

    public boolean isEverything() {
        return terms.isEmpty();
    }

    /// The text form.
    public String text() {
        return terms.stream().map(Term::text).collect(Collectors.joining(","));
    }
}
