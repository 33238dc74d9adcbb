// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.api.Api.DeleteOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.controller.Writer.Outcome;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriterTest {
    private final Desk desk = new Desk();
    private final Writer writer = new Writer(desk.registry, "test", _ -> {});

    @AfterEach
    void close() {
        desk.close();
    }

    private static Write map(String namespace, String name) {
        var object = JsonReader.parseObject("{\"metadata\": {\"name\": \"%s\"}}".formatted(name));
        return new Write.Create(ResourceTypes.CONFIG_MAPS, namespace, object);
    }

    @Test
    void whatIsThereAlreadyNeedNotBeMade() {
        assertThat(writer.write(List.of(map("default", "a"), map("default", "a"))))
                .isEqualTo(new Outcome.Done());
    }

    @Test
    void whatIsRefusedEndsTheList() {
        var outcome = writer.write(List.of(map("default", "No Name"), map("default", "b")));

        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        assertThat(desk.view.list(ResourceTypes.CONFIG_MAPS, "default")).isEmpty();
    }

    /// Its controllers would try for ever otherwise.
    @Test
    void inANamespaceThatIsEndingNothingIsLeftToDo() {
        desk.create(ResourceTypes.NAMESPACES, "{'metadata': {'name': 'old'}}");
        desk.registry.delete(
                ResourceTypes.NAMESPACES, new ObjectKey("", "old"), DeleteOptions.NONE);

        assertThat(writer.write(List.of(map("old", "a")))).isEqualTo(new Outcome.Done());
    }
}
