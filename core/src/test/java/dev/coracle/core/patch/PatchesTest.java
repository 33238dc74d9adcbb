// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.core.api.Api.Patch;
import dev.coracle.core.api.Api.Patch.Format;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.schema.Schemas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchesTest {
    private static final Schemas SCHEMAS = Schemas.load();

    /// JSON with single quotes.
    private static Json json(String text) {
        return JsonReader.parse(text.replace('\'', '"'));
    }

    private static JsonObject apply(Format format, String current, String patch) {
        return Patches.apply(
                new Patch(format, json(patch)), (JsonObject) json(current), SCHEMAS.type("V1Pod"));
    }

    private static ApiException refused(Format format, String current, String patch) {
        return catchThrowableOfType(ApiException.class, () -> apply(format, current, patch));
    }

    @ParameterizedTest(name = "{0} + {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // The table of RFC 7386, wrapped into an object each.
                "{'a':'b'} | {'a':'c'} | {'a':'c'}",
                "{'a':'b'} | {'b':'c'} | {'a':'b','b':'c'}",
                "{'a':'b'} | {'a':null} | {}",
                "{'a':'b','b':'c'} | {'a':null} | {'b':'c'}",
                "{'a':['b']} | {'a':'c'} | {'a':'c'}",
                "{'a':'c'} | {'a':['b']} | {'a':['b']}",
                "{'a':{'b':'c'}} | {'a':{'b':'d','c':null}} | {'a':{'b':'d'}}",
                "{'a':[{'b':'c'}]} | {'a':[1]} | {'a':[1]}",
                "{'e':null} | {'a':1} | {'e':null,'a':1}",
                "{} | {'a':{'bb':{'ccc':null}}} | {'a':{'bb':{}}}",
            })
    void aMergePatchMergesObjectsAndDeletesByNull(String current, String patch, String result) {
        assertThat(apply(Format.MERGE, current, patch)).isEqualTo(json(result));
    }

    @ParameterizedTest(name = "{0} + {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'foo':'bar'} | [{'op':'add','path':'/baz','value':'qux'}] |"
                        + " {'baz':'qux','foo':'bar'}",
                "{'foo':['a','b']} | [{'op':'add','path':'/foo/1','value':'x'}] |"
                        + " {'foo':['a','x','b']}",
                "{'foo':['a']} | [{'op':'add','path':'/foo/-','value':'b'}] | {'foo':['a','b']}",
                "{'foo':['a','b']} | [{'op':'remove','path':'/foo/-1'}] | {'foo':['a']}",
                "{'a':1,'b':2} | [{'op':'remove','path':'/a'}] | {'b':2}",
                "{'a':[1,2,3]} | [{'op':'remove','path':'/a/1'}] | {'a':[1,3]}",
                "{'a':1} | [{'op':'replace','path':'/a','value':null}] | {'a':null}",
                "{'a':{'b':1},'c':{}} | [{'op':'move','from':'/a/b','path':'/c/d'}] |"
                        + " {'a':{},'c':{'d':1}}",
                "{'a':[1,2,3]} | [{'op':'move','from':'/a/0','path':'/a/2'}] | {'a':[2,3,1]}",
                "{'a':{'b':1}} | [{'op':'copy','from':'/a','path':'/c'}] |"
                        + " {'a':{'b':1},'c':{'b':1}}",
                "{'a/b':1,'m~n':2} | [{'op':'remove','path':'/a~1b'},"
                        + "{'op':'replace','path':'/m~0n','value':3}] | {'m~n':3}",
                "{'a':1} | [{'op':'test','path':'/a','value':1.0}] | {'a':1}",
                "{'a':1} | [{'op':'replace','path':'','value':{'b':2}}] | {'b':2}",
            })
    void aJsonPatchAppliesItsOperationsInTurn(String current, String patch, String result) {
        assertThat(apply(Format.JSON, current, patch)).isEqualTo(json(result));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{'op':'remove','path':'/x'}] | Unable to remove nonexistent key: x",
                "[{'op':'replace','path':'/x','value':1}] |"
                        + " replace operation does not apply: doc is missing key: /x: missing value",
                "[{'op':'add','path':'/x/y','value':1}] |"
                        + " add operation does not apply: doc is missing path: /x/y: missing value",
                "[{'op':'add','path':'/a/7','value':1}] | Unable to access invalid index: 7",
                "[{'op':'add','path':'/a/b','value':1}] | value was not a proper array index: 'b'",
                "[{'op':'test','path':'/b','value':2}] | testing value /b failed: test failed",
                "[{'op':'add','path':'/c'}] | add operation has no value",
                "[{'op':'sail','path':'/c'}] | Unexpected kind: sail",
                "[{'op':'add','path':'c','value':1}] | add operation failed to decode path",
                "[{'op':'move','from':'/a','path':'/a/0'}] | /a/0 is inside /a",
            })
    void aJsonPatchThatDoesNotFitIsRefusedWith422(String patch, String why) {
        var refused = refused(Format.JSON, "{'a':[1],'b':1}", patch);
        assertThat(refused.status().code()).isEqualTo(422);
        assertThat(refused.status().message())
                .startsWith("the server rejected our request due to an error in our request: ")
                .contains(why);
    }

    @Test
    void copiesThatGrowWithoutBoundAreRefused() {
        var patch = new StringBuilder("[{'op':'add','path':'/a','value':['0123456789']}");
        for (int i = 0; i < 64; i++) {
            patch.append(",{'op':'copy','from':'/a','path':'/a/-'}");
        }
        assertThat(refused(Format.JSON, "{}", patch.append(']').toString()).status().message())
                .contains("exceeding the limit");
    }

    @Test
    void aPatchOfTheWrongShapeIsRefusedWith400() {
        assertThat(refused(Format.JSON, "{}", "{}").status().code()).isEqualTo(400);
        assertThat(refused(Format.MERGE, "{}", "[]").status().code()).isEqualTo(400);
        assertThat(refused(Format.STRATEGIC_MERGE, "{}", "[]").status().code()).isEqualTo(400);
    }

    @Test
    void aStrategicMergePatchNeedsASchema() {
        var refused =
                catchThrowableOfType(
                        ApiException.class,
                        () ->
                                Patches.apply(
                                        new Patch(Format.STRATEGIC_MERGE, JsonObject.EMPTY),
                                        JsonObject.EMPTY,
                                        null));
        assertThat(refused.status().code()).isEqualTo(415);
    }
}
