// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.schema.Schemas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategicMergePatchTest {
    private static final Schemas SCHEMAS = Schemas.load();

    /// JSON with single quotes.
    private static JsonObject json(String text) {
        return JsonReader.parseObject(text.replace('\'', '"'));
    }

    private static Json spec(String current, String patch) {
        return StrategicMergePatch.apply(json(current), json(patch), SCHEMAS.type("V1PodSpec"));
    }

    private static ApiException refused(String current, String patch) {
        return catchThrowableOfType(ApiException.class, () -> spec(current, patch));
    }

    @ParameterizedTest(name = "{0} + {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // By merge key: what is patched comes first, what only the server has keeps order.
                "{'containers':[{'name':'a','image':'x'}]} | {'containers':[{'name':'b'}]} |"
                        + " {'containers':[{'name':'b'},{'name':'a','image':'x'}]}",
                "{'containers':[{'name':'a','image':'x'}]} |"
                        + " {'containers':[{'name':'a','image':'y'}]} |"
                        + " {'containers':[{'name':'a','image':'y'}]}",
                "{'containers':[{'name':'a'},{'name':'b'}]} |"
                        + " {'containers':[{'name':'a','$patch':'delete'}]} |"
                        + " {'containers':[{'name':'b'}]}",
                "{'containers':[{'name':'a'},{'name':'b'}]} |"
                        + " {'containers':[{'name':'c'},{'$patch':'replace'}]} |"
                        + " {'containers':[{'name':'c'}]}",
                // No merge key: replaced.
                "{'tolerations':[{'key':'a'}]} | {'tolerations':[{'key':'b'}]} |"
                        + " {'tolerations':[{'key':'b'}]}",
                // Lists in lists.
                "{'containers':[{'name':'a','env':[{'name':'X','value':'1'}],"
                        + "'ports':[{'containerPort':80}],'command':['a','b']}]} |"
                        + " {'containers':[{'name':'a','env':[{'name':'Y','value':'2'}],"
                        + "'ports':[{'containerPort':80,'name':'http'}],'command':['c']}]} |"
                        + " {'containers':[{'name':'a','env':[{'name':'Y','value':'2'},"
                        + "{'name':'X','value':'1'}],"
                        + "'ports':[{'containerPort':80,'name':'http'}],'command':['c']}]}",
                // Nulls and objects.
                "{'nodeName':'n','dnsPolicy':'Default'} | {'nodeName':null} |"
                        + " {'dnsPolicy':'Default'}",
                "{'securityContext':{'runAsUser':1,'fsGroup':2}} |"
                        + " {'securityContext':{'$patch':'replace','runAsUser':3}} |"
                        + " {'securityContext':{'runAsUser':3}}",
                "{'securityContext':{'runAsUser':1}} | {'securityContext':{'$patch':'delete'}} |"
                        + " {'securityContext':{}}",
                "{} | {'securityContext':{'$patch':'delete'}} | {}",
                "{} | {'securityContext':{'runAsUser':null,'fsGroup':1}} |"
                        + " {'securityContext':{'fsGroup':1}}",
                // $retainKeys: a volume changes its source.
                "{'volumes':[{'name':'v','emptyDir':{}}]} |"
                        + " {'volumes':[{'name':'v','$retainKeys':['name','hostPath'],"
                        + "'hostPath':{'path':'/x'}}]} |"
                        + " {'volumes':[{'name':'v','hostPath':{'path':'/x'}}]}",
                "{} | {'volumes':[{'name':'v','$retainKeys':['name','emptyDir'],'emptyDir':{}}]} |"
                        + " {'volumes':[{'name':'v','emptyDir':{}}]}",
                // $setElementOrder.
                "{'containers':[{'name':'a'},{'name':'b'},{'name':'c'}]} |"
                        + " {'$setElementOrder/containers':[{'name':'c'},{'name':'a'}]} |"
                        + " {'containers':[{'name':'b'},{'name':'c'},{'name':'a'}]}",
                "{'containers':[{'name':'a'},{'name':'server'}]} |"
                        + " {'$setElementOrder/containers':[{'name':'new'},{'name':'a'}],"
                        + "'containers':[{'name':'new','image':'i'}]} |"
                        + " {'containers':[{'name':'new','image':'i'},{'name':'a'},"
                        + "{'name':'server'}]}",
                "{} | {'$setElementOrder/containers':[{'name':'a'}],'containers':[{'name':'a'}]} |"
                        + " {'containers':[{'name':'a'}]}",
                "{'containers':[{'name':'a'},{'name':'b'}]} |"
                        + " {'$setElementOrder/containers':[{'name':'b'}],"
                        + "'containers':[{'$patch':'delete','name':'a'}]} |"
                        + " {'containers':[{'name':'b'}]}",
            })
    void listsMergeAsTheSchemaSays(String current, String patch, String result) {
        assertThat(spec(current, patch)).isEqualTo(json(result));
    }

    @Test
    void listsOfScalarsAreUnitedAndTakenFrom() {
        var meta = SCHEMAS.type("V1ObjectMeta");
        var current = json("{'finalizers':['a','b']}");
        assertThat(StrategicMergePatch.apply(current, json("{'finalizers':['c','a']}"), meta))
                .isEqualTo(json("{'finalizers':['c','a','b']}"));
        assertThat(
                        StrategicMergePatch.apply(
                                current,
                                json(
                                        "{'$deleteFromPrimitiveList/finalizers':['a'],"
                                                + "'$setElementOrder/finalizers':['b']}"),
                                meta))
                .isEqualTo(json("{'finalizers':['b']}"));
    }

    /// What `kubectl apply` sends when an image changes and an environment variable goes.
    @Test
    void whatKubectlApplySendsIsUnderstood() {
        var current =
                """
                {'metadata':{'name':'web','annotations':{'last':'1'},'labels':{'a':'b'}},
                 'spec':{'replicas':1,'template':{'spec':{
                   'restartPolicy':'Always',
                   'containers':[{'name':'web','image':'nginx:1','imagePullPolicy':'Always',
                     'env':[{'name':'A','value':'1'},{'name':'B','value':'2'}]}]}}}}
                """;
        var patch =
                """
                {'metadata':{'annotations':{'last':'2'}},
                 'spec':{'template':{'spec':{
                   '$setElementOrder/containers':[{'name':'web'}],
                   'containers':[{'name':'web','image':'nginx:2',
                     '$setElementOrder/env':[{'name':'B'}],
                     'env':[{'$patch':'delete','name':'A'}]}]}}}}
                """;
        assertThat(
                        StrategicMergePatch.apply(
                                json(current), json(patch), SCHEMAS.type("V1Deployment")))
                .isEqualTo(
                        json(
                                """
                                {'metadata':{'name':'web','annotations':{'last':'2'},
                                   'labels':{'a':'b'}},
                                 'spec':{'replicas':1,'template':{'spec':{
                                   'restartPolicy':'Always',
                                   'containers':[{'name':'web','image':'nginx:2',
                                     'imagePullPolicy':'Always',
                                     'env':[{'name':'B','value':'2'}]}]}}}}
                                """));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'containers':[{'image':'x'}]} | 422 | does not contain declared merge key: name",
                "{'containers':['x']} | 400 | list with merge key name",
                "{'containers':[{'name':'a','$patch':'sink'}]} | 400 | unknown patch type: \"sink\"",
                "{'$patch':'sink'} | 400 | unknown patch type: \"sink\"",
                "{'securityContext':{'$retainKeys':'x'}} | 400 | invalid patch format of retainKeys",
                "{'securityContext':{'$retainKeys':['fsGroup'],'runAsUser':1}} | 400 |"
                        + " invalid patch format of retainKeys",
                "{'$setElementOrder/containers':1} | 400 |"
                        + " invalid patch format of setElementOrder list",
                "{'$setElementOrder/containers':[{'name':'b'}],'containers':[{'name':'a'}]} | 400 |"
                        + " doesn't match $setElementOrder list",
                "{'$deleteFromPrimitiveList/x':1} | 400 | invalid patch format of primitive list",
            })
    void aMalformedPatchIsRefused(String patch, int code, String why) {
        var refused =
                refused("{'containers':[{'name':'a'}],'securityContext':{'fsGroup':1}}", patch);
        assertThat(refused.status().code()).isEqualTo(code);
        assertThat(refused.status().message()).contains(why);
    }
}
