// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonReader;
import dev.coracle.core.registry.ResourceTypes;
import dev.coracle.core.store.MemoryJournal;
import dev.coracle.core.store.MvccStore;
import dev.coracle.core.store.Retention;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexedViewTest {
    private static final List<String> VALUES = List.of("a", "b", "c");

    /// However little the store remembers, the index finds what a look at everything does.
    @ParameterizedTest
    @ValueSource(ints = {3, 1000})
    void findsWhatALookAtEverythingFinds(int remembered) {
        var random = new SplittableRandom(remembered);
        var pods = ResourceTypes.PODS;
        var services = ResourceTypes.SERVICES;
        try (var store = MvccStore.open(new MemoryJournal(), new Retention(remembered, 1 << 20));
                var indexed = new IndexedView(store, List.of(pods, services))) {
            var plain = new StoreView(store);
            for (int step = 0; step < 2_000; step++) {
                var type = random.nextBoolean() ? pods : services;
                var key = type.key("ns" + random.nextInt(2), "o" + random.nextInt(12));
                var present = store.get(key);
                var object = object(key.split("/", -1)[3], key.split("/", -1)[4], random);
                if (present == null) {
                    store.create(key, object);
                } else if (random.nextInt(3) == 0) {
                    store.delete(key, present.revision());
                } else {
                    store.update(key, present.revision(), object);
                }
                if (random.nextInt(4) == 0) {
                    var labels = labels(random);
                    for (var namespace : List.of("ns0", "ns1")) {
                        assertThat(indexed.labeled(pods, namespace, labels))
                                .isEqualTo(plain.labeled(pods, namespace, labels));
                        assertThat(indexed.selecting(services, namespace, labels))
                                .isEqualTo(plain.selecting(services, namespace, labels));
                    }
                }
            }
        }
    }

    private static JsonObject object(String namespace, String name, SplittableRandom random) {
        return JsonReader.parseObject(
                "{\"metadata\": {\"namespace\": \"%s\", \"name\": \"%s\", \"labels\": %s}, \"spec\": {\"selector\": %s}}"
                        .formatted(namespace, name, labels(random), labels(random)));
    }

    private static JsonObject labels(SplittableRandom random) {
        var labels = JsonObject.EMPTY;
        for (var name : VALUES) {
            if (random.nextBoolean()) {
                labels = labels.with(name, Json.of(VALUES.get(random.nextInt(VALUES.size()))));
            }
        }
        return labels;
    }
}
