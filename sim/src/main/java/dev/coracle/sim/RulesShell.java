// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.RuleBook;
import dev.coracle.core.net.RuleChanges;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.registry.ResourceTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Keeps packet rules in virtual time: what changed is told to the book when it is heard of, and
/// the rules are changed at once.
final class RulesShell {
    private final Registry registry;
    private final RulesInMemory rules;
    private final RuleBook book;
    private final List<Followed> followed = new ArrayList<>();

    private record Followed(
            ObjectWatch watch, Consumer<JsonObject> changed, Consumer<ObjectKey> gone) {
        void pump() {
            for (var event : watch.poll().events()) {
                var object = event.entry().object();
                switch (event.type()) {
                    case ADDED, MODIFIED -> changed.accept(object);
                    case DELETED -> gone.accept(ObjectKey.of(object));
                }
            }
        }
    }

    RulesShell(Registry registry, RulesInMemory rules, RuleBook.Node node) {
        this.registry = registry;
        this.rules = rules;
        this.book = new RuleBook(node);
    }

    void start() {
        rules.open();
        follow(ResourceTypes.SERVICES, book::service, book::serviceGone);
        follow(ResourceTypes.ENDPOINT_SLICES, book::slice, book::sliceGone);
        follow(ResourceTypes.PODS, book::pod, book::podGone);
        pump();
    }

    private void follow(ResourceType type, Consumer<JsonObject> changed, Consumer<ObjectKey> gone) {
        var watch = registry.watch(type, ListOptions.all());
        followed.add(new Followed(watch, changed, gone));
    }

    /// Takes what the watches have for it.
    void pump() {
        followed.forEach(Followed::pump);
        var changes = RuleChanges.between(rules.table(), book.table());
        rules.apply(changes);
        rules.forget(changes.staleFlows());
    }
}
