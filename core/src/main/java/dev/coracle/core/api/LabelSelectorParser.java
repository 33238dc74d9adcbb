// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import dev.coracle.core.api.LabelSelector.Operator;
import dev.coracle.core.api.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Reads the text form of a [LabelSelector], one token at a time.
final class LabelSelectorParser {
    private static final String SPECIAL = "=!(),<>";
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern VALUE =
            Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern PREFIX =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int PREFIX_LENGTH = 253;

    private final String text;
    private int at;

    LabelSelectorParser(String text) {
        this.text = text;
    }

    LabelSelector parse() {
        var requirements = new ArrayList<Requirement>();
        while (true) {
            requirements.add(requirement());
            var next = token();
            if (next.isEmpty()) {
                return new LabelSelector(requirements);
            }
            if (!next.equals(",")) {
                throw wrong("found '%s', expected: ',' or the end".formatted(next));
            }
        }
    }

    private Requirement requirement() {
        var first = token();
        if (first.equals("!")) {
            return new Requirement(key(token()), Operator.DOES_NOT_EXIST, Set.of());
        }
        var key = key(first);
        var operator = peek();
        if (operator.isEmpty() || operator.equals(",")) {
            return new Requirement(key, Operator.EXISTS, Set.of());
        }
        token();
        return switch (operator) {
            case "=", "==" -> new Requirement(key, Operator.IN, Set.of(value(true)));
            case "!=" -> new Requirement(key, Operator.NOT_IN, Set.of(value(true)));
            case ">" -> new Requirement(key, Operator.GREATER, Set.of(integer()));
            case "<" -> new Requirement(key, Operator.LESS, Set.of(integer()));
            case "in" -> new Requirement(key, Operator.IN, values());
            case "notin" -> new Requirement(key, Operator.NOT_IN, values());
            default ->
                    throw wrong(
                            "found '%s', expected: in, notin, =, ==, !=, >, <".formatted(operator));
        };
    }

    private Set<String> values() {
        if (!token().equals("(")) {
            throw wrong("expected '(' after in or notin");
        }
        var values = new TreeSet<String>();
        while (true) {
            values.add(value(false));
            var next = token();
            if (next.equals(")")) {
                return values;
            }
            if (!next.equals(",")) {
                throw wrong("found '%s', expected: ',' or ')'".formatted(next));
            }
        }
    }

    /// A value may be left out: `app=` wants the empty string.
    private String value(boolean last) {
        var next = peek();
        boolean none = next.equals(",") || (last ? next.isEmpty() : next.equals(")"));
        var value = none ? "" : token();
        if (!VALUE.matcher(value).matches()) {
            throw wrong("'%s' is not a label value".formatted(value));
        }
        return value;
    }

    private String integer() {
        var value = token();
        try {
            Long.parseLong(value);
            return value;
        } catch (NumberFormatException e) {
            throw wrong(
                    "for 'Gt', 'Lt' operators, the value must be an integer, not '%s'"
                            .formatted(value));
        }
    }

    private String key(String token) {
        int slash = token.indexOf('/');
        var prefix = slash < 0 ? "" : token.substring(0, slash);
        boolean prefixed =
                slash < 0 || (prefix.length() <= PREFIX_LENGTH && PREFIX.matcher(prefix).matches());
        if (!prefixed || !NAME.matcher(token.substring(slash + 1)).matches()) {
            throw wrong("'%s' is not a label key".formatted(token));
        }
        return token;
    }

    private String peek() {
        int before = at;
        var token = token();
        at = before;
        return token;
    }

    /// The next token; empty at the end.
    private String token() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return "";
        }
        for (var symbol : List.of("==", "!=")) {
            if (text.startsWith(symbol, at)) {
                at += 2;
                return symbol;
            }
        }
        int start = at++;
        if (SPECIAL.indexOf(text.charAt(start)) < 0) {
            while (at < text.length() && !ends(text.charAt(at))) {
                at++;
            }
        }
        return text.substring(start, at);
    }

    private static boolean ends(char c) {
        return Character.isWhitespace(c) || SPECIAL.indexOf(c) >= 0;
    }

    private ApiException wrong(String why) {
        return ApiException.badRequest(
                "unable to parse requirement in label selector \"%s\": %s".formatted(text, why));
    }
}
