// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.core.api.ApiException;
import dev.coracle.host.http.Accept.Encoding;
import dev.coracle.host.http.Accept.View;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AcceptTest {
    private static Accept of(String header) {
        return Accept.of(header, Rendering.VIEWS);
    }

    @Test
    void nothingAndAnythingMeanJson() {
        assertThat(of("")).isEqualTo(Accept.JSON);
        assertThat(of("*/*")).isEqualTo(Accept.JSON);
        assertThat(of("application/vnd.kubernetes.protobuf,application/json"))
                .isEqualTo(Accept.JSON);
        assertThat(of("application/vnd.kubernetes.protobuf")).isEqualTo(Accept.JSON);
    }

    @Test
    void kubectlGetsTables() {
        var header =
                "application/json;as=Table;v=v1;g=meta.k8s.io,"
                        + "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

        assertThat(of(header)).isEqualTo(new Accept(Encoding.JSON, View.TABLE));
        assertThat(Accept.of(header, Set.of())).isEqualTo(Accept.JSON);
    }

    @Test
    void theHigherWeightWins() {
        assertThat(of("application/json;q=0.5, application/yaml"))
                .isEqualTo(new Accept(Encoding.YAML, View.OBJECT));
    }

    @Test
    void whatIsNotOfferedIsRefused() {
        assertThatThrownBy(() -> of("text/html"))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> {
                            assertThat(e.status().code()).isEqualTo(406);
                            assertThat(e)
                                    .hasMessage(
                                            "only the following media types are accepted:"
                                                    + " application/json, application/yaml");
                        });
    }
}
