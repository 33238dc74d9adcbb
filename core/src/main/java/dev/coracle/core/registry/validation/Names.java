// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Forms of names. Each method says what is wrong with a text; nothing when it is well formed.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
final class Names {
    static final int SUBDOMAIN_LENGTH = 253;
    static final int LABEL_LENGTH = 63;
    private static final int PORT_NAME_LENGTH = 15;

    private static final String LABEL_FORM = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN_FORM = LABEL_FORM + "(\\." + LABEL_FORM + ")*";
    private static final String QUALIFIED_FORM = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String LABEL_VALUE_FORM = "(" + QUALIFIED_FORM + ")?";
    private static final String CONFIG_KEY_FORM = "[-._a-zA-Z0-9]+";
    private static final String HEADER_FORM = "[-A-Za-z0-9]+";

    private static final Pattern LABEL = Pattern.compile(LABEL_FORM);
    private static final Pattern SUBDOMAIN = Pattern.compile(SUBDOMAIN_FORM);
    private static final Pattern QUALIFIED = Pattern.compile(QUALIFIED_FORM);
    private static final Pattern LABEL_VALUE = Pattern.compile(LABEL_VALUE_FORM);
    private static final Pattern CONFIG_KEY = Pattern.compile(CONFIG_KEY_FORM);
    private static final Pattern HEADER = Pattern.compile(HEADER_FORM);
    private static final Pattern PORT_CHARACTERS = Pattern.compile("[-a-z0-9]+");
    private static final Pattern PRINTABLE_NAME = Pattern.compile("[\\x20-\\x3c\\x3e-\\x7e]*");

    private static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    private static final String QUALIFIED_RULE =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    private static final String LABEL_VALUE_RULE =
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    private static final String CONFIG_KEY_RULE =
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    private static final String HEADER_RULE =
            "a valid HTTP header must consist of alphanumeric characters or '-'";

    private Names() {}

    static List<String> label(String text) {
        var wrong = tooLong(text, LABEL_LENGTH);
        if (!LABEL.matcher(text).matches()) {
            wrong.add(
                    SUBDOMAIN.matcher(text).matches()
                            ? "must not contain dots"
                            : mismatch(LABEL_RULE, LABEL_FORM, "my-name", "123-abc"));
        }
        return wrong;
    }

    static List<String> subdomain(String text) {
        var wrong = tooLong(text, SUBDOMAIN_LENGTH);
        if (!SUBDOMAIN.matcher(text).matches()) {
            wrong.add(mismatch(SUBDOMAIN_RULE, SUBDOMAIN_FORM, "example.com"));
        }
        return wrong;
    }

    /// A name that may end up in a path: for kinds whose names are otherwise free.
    static List<String> pathSegment(String text) {
        var wrong = new ArrayList<String>();
        if (text.equals(".") || text.equals("..")) {
            wrong.add("may not be '" + text + "'");
        }
        for (var part : List.of("/", "%")) {
            if (text.contains(part)) {
                wrong.add("may not contain '" + part + "'");
            }
        }
        return wrong;
    }

    /// A key of labels, taints, finalizers: an optional subdomain, a slash, a name.
    static List<String> qualified(String text) {
        var wrong = new ArrayList<String>();
        var parts = text.split("/", -1);
        var name = parts[parts.length - 1];
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                wrong.add("prefix part must be non-empty");
            } else {
                subdomain(parts[0]).forEach(message -> wrong.add("prefix part " + message));
            }
        } else if (parts.length > 2) {
            wrong.add(
                    "a qualified name "
                            + mismatch(
                                    QUALIFIED_RULE, QUALIFIED_FORM, "MyName", "my.name", "123-abc")
                            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return wrong;
        }
        if (name.isEmpty()) {
            wrong.add("name part must be non-empty");
        } else if (name.length() > LABEL_LENGTH) {
            wrong.add("name part " + most(LABEL_LENGTH));
        }
        if (!QUALIFIED.matcher(name).matches()) {
            wrong.add(
                    "name part "
                            + mismatch(
                                    QUALIFIED_RULE,
                                    QUALIFIED_FORM,
                                    "MyName",
                                    "my.name",
                                    "123-abc"));
        }
        return wrong;
    }

    static List<String> labelValue(String text) {
        var wrong = tooLong(text, LABEL_LENGTH);
        if (!LABEL_VALUE.matcher(text).matches()) {
            wrong.add(mismatch(LABEL_VALUE_RULE, LABEL_VALUE_FORM, "MyValue", "my_value", "12345"));
        }
        return wrong;
    }

    static List<String> configKey(String text) {
        var wrong = tooLong(text, SUBDOMAIN_LENGTH);
        if (!CONFIG_KEY.matcher(text).matches()) {
            wrong.add(
                    mismatch(CONFIG_KEY_RULE, CONFIG_KEY_FORM, "key.name", "KEY_NAME", "key-name"));
        }
        if (text.equals(".")) {
            wrong.add("must not be '.'");
        } else if (text.equals("..")) {
            wrong.add("must not be '..'");
        } else if (text.startsWith("..")) {
            wrong.add("must not start with '..'");
        }
        return wrong;
    }

    static List<String> variable(String text) {
        if (text.isEmpty()) {
            return List.of("environment variable name must be non-empty");
        }
        return PRINTABLE_NAME.matcher(text).matches()
                ? List.of()
                : List.of(
                        "a valid environment variable name must consist only of printable ASCII characters other than '='");
    }

    static List<String> header(String text) {
        return HEADER.matcher(text).matches()
                ? List.of()
                : List.of(mismatch(HEADER_RULE, HEADER_FORM, "X-Header-Name"));
    }

    static List<String> portName(String text) {
        var wrong = tooLong(text, PORT_NAME_LENGTH);
        if (!PORT_CHARACTERS.matcher(text).matches()) {
            wrong.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (text.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
            wrong.add("must contain at least one letter (a-z)");
        }
        if (text.contains("--")) {
            wrong.add("must not contain consecutive hyphens");
        }
        if (text.startsWith("-") || text.endsWith("-")) {
            wrong.add("must not begin or end with a hyphen");
        }
        return wrong;
    }

    static String range(long least, long most) {
        return "must be between %d and %d, inclusive".formatted(least, most);
    }

    private static List<String> tooLong(String text, int most) {
        var wrong = new ArrayList<String>();
        if (text.getBytes(StandardCharsets.UTF_8).length > most) {
            wrong.add(most(most));
        }
        return wrong;
    }

    private static String most(int count) {
        return "must be no more than %d bytes".formatted(count);
    }

    private static String mismatch(String rule, String form, String... examples) {
        return "%s (e.g. %s, regex used for validation is '%s')"
                .formatted(rule, "'" + String.join("',  or '", examples) + "'", form);
    }
}
