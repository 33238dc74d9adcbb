// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributesTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    GET    | /api/v1/pods                           | list             | v1 pods in  named  part
                    GET    | /api/v1/namespaces/a/pods/             | list             | v1 pods in a named  part
                    GET    | /api/v1/namespaces/a/pods/web          | get              | v1 pods in a named web part
                    HEAD   | /api/v1/namespaces/a/pods/web          | get              | v1 pods in a named web part
                    GET    | /api/v1/namespaces/a/pods/web/log      | get              | v1 pods in a named web part log
                    POST   | /api/v1/namespaces/a/pods/web/exec     | create           | v1 pods in a named web part exec
                    GET    | /api/v1/namespaces                     | list             | v1 namespaces in  named  part
                    GET    | /api/v1/namespaces/a                   | get              | v1 namespaces in a named a part
                    PUT    | /api/v1/namespaces/a/status            | update           | v1 namespaces in a named a part status
                    PUT    | /api/v1/namespaces/a/finalize          | update           | v1 namespaces in a named a part finalize
                    DELETE | /api/v1/namespaces/a/pods              | deletecollection | v1 pods in a named  part
                    PATCH  | /apis/apps/v1/namespaces/a/deployments/web | patch        | v1 deployments in a named web part
                    DELETE | /api/v1/nodes/yard                     | delete           | v1 nodes in  named yard part
                    """,
            delimiter = '|')
    void resourcesAreReadFromThePath(String method, String path, String verb, String rest) {
        var attributes = Attributes.of(method, path, false);

        assertThat(attributes.verb()).isEqualTo(verb);
        assertThat(
                        "%s %s in %s named %s part %s"
                                .formatted(
                                        attributes.version(),
                                        attributes.resource(),
                                        attributes.namespace(),
                                        attributes.name(),
                                        attributes.subresource())
                                .strip())
                .isEqualTo(rest);
    }

    @Test
    void aListWithWatchInItsQueryIsAWatch() {
        assertThat(Attributes.of("GET", "/api/v1/pods", true).verb()).isEqualTo("watch");
        assertThat(Attributes.of("GET", "/api/v1/namespaces/a/pods/b", true).verb())
                .isEqualTo("get");
    }

    @Test
    void otherPathsAreNoResources() {
        for (var path : List.of("/", "/api", "/api/v1", "/apis/apps/v1", "/version", "/healthz")) {
            assertThat(Attributes.of("GET", path, false).isResource()).as(path).isFalse();
        }
    }

    @Test
    void refusalsAreWordedAsUpstreamDoes() {
        var user = new User("system:serviceaccount:default:default", "", List.of(), Map.of());

        assertThat(
                        Attributes.of("GET", "/api/v1/namespaces/default/pods", false)
                                .forbidden(user, ""))
                .hasMessage(
                        "pods is forbidden: User \"system:serviceaccount:default:default\" cannot"
                                + " list resource \"pods\" in API group \"\" in the namespace"
                                + " \"default\"");
        assertThat(
                        Attributes.of(
                                        "PUT",
                                        "/apis/apps/v1/namespaces/a/deployments/web/scale",
                                        false)
                                .forbidden(user, ""))
                .hasMessage(
                        "deployments.apps \"web\" is forbidden: User"
                                + " \"system:serviceaccount:default:default\" cannot update resource"
                                + " \"deployments/scale\" in API group \"apps\" in the namespace \"a\"");
        assertThat(Attributes.of("GET", "/api/v1/nodes/yard", false).forbidden(user, ""))
                .hasMessage(
                        "nodes \"yard\" is forbidden: User"
                                + " \"system:serviceaccount:default:default\" cannot get resource"
                                + " \"nodes\" in API group \"\" at the cluster scope");
        assertThat(Attributes.of("GET", "/metrics", false).forbidden(user, ""))
                .hasMessage(
                        "forbidden: User \"system:serviceaccount:default:default\" cannot get path"
                                + " \"/metrics\"");
    }
}
