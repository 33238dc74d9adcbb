// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.json.JsonReader;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("app", "web", "tier", "front", "example.com/size", "7", "empty", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=web | true",
                "app==web | true",
                "app = web , tier!=back | true",
                "app!=web | false",
                "missing!=web | true",
                "missing=web | false",
                "app in (web,api) | true",
                "app in (api) | false",
                "app notin (api, db) | true",
                "missing notin (api) | true",
                "app | true",
                "!app | false",
                "! missing | true",
                "empty= | true",
                "app= | false",
                "example.com/size>6 | true",
                "example.com/size<7 | false",
                "app>6 | false",
                "in in (a) | false",
                "app,tier in (front),!x | true"
            })
    void labelSelectorsChooseByEqualityAndBySets(String selector, boolean chosen) {
        assertThat(LabelSelector.parse(selector).test(LABELS)).isEqualTo(chosen);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app=",
                "app in (a,b)",
                "app notin (a,b)",
                "!app",
                "app",
                "app!=a",
                "x>1",
                "a=1,b=2"
            })
    void theTextOfALabelSelectorMeansTheSame(String text) {
        var selector = LabelSelector.parse(text);
        assertThat(LabelSelector.parse(selector.text())).isEqualTo(selector);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app=web,",
                "=web",
                "app in web",
                "app in (a",
                "a b",
                "app>x",
                "-a=b",
                "a=b!c",
                "app=web)",
                "a/b/c=d",
                "app===web"
            })
    void whatIsNoLabelSelectorIsABadRequest(String text) {
        assertThatThrownBy(() -> LabelSelector.parse(text))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("unable to parse requirement");
    }

    @Test
    void selectorsInObjectsJoinLabelsAndExpressions() {
        var selector =
                LabelSelector.of(
                        JsonReader.parseObject(
                                """
                                {"matchLabels": {"app": "web"},
                                 "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]}]}
                                """));
        assertThat(selector.test(LABELS)).isTrue();
        assertThat(selector.text()).isEqualTo("app=web,tier!=back");
    }

    @Test
    void fieldSelectorsHaveTermsThatMayBeNegatedAndEscaped() {
        var selector = FieldSelector.parse("a.b=c,d!=e,f==g\\,h");
        assertThat(selector.terms())
                .containsExactly(
                        new FieldSelector.Term("a.b", false, "c"),
                        new FieldSelector.Term("d", true, "e"),
                        new FieldSelector.Term("f", false, "g,h"));
        assertThat(selector.required("a.b")).isEqualTo("c");
        assertThat(selector.required("d")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a=b=c", "a=\\x", "a=b\\"})
    void whatIsNoFieldSelectorIsABadRequest(String text) {
        assertThatThrownBy(() -> FieldSelector.parse(text))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("invalid selector: '" + text + "'");
    }
}
