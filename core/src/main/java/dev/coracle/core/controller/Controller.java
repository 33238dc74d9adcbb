// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.controller;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Brings one kind of thing closer to how it should be: a pure function of the newest committed
/// state, asked again after every change that it declared to read.
///
/// What it wants written is carried out in order; when a write meets a conflict the rest is
/// dropped and the function asked again. So it may look at the world and say all that is wrong
/// with it, and needs no memory.
///
/// <https://kubernetes.io/docs/concepts/architecture/controller/>
public interface Controller {

    /// Names it in logs, and as the manager of the fields it writes.
    String name();

    /// What it reads: a change of an object of one of these types calls for a look at the keys
    /// that the trigger makes of it.
    List<Trigger> reads();

    /// What it writes: no two controllers write the same type's same part.
    List<ResourceType> writes();

    /// A look at what `key` names, at `now`.
    Decision reconcile(View view, ObjectKey key, Instant now);

    /// Objects of `type` matter; `keys` are those to look at when one was created, changed or
    /// deleted. Of one that was changed they are asked for twice: as it was and as it is.
    record Trigger(ResourceType type, Keys keys) {

        /// Where an object itself says what is to be looked at.
        public Trigger(ResourceType type, Function<JsonObject, List<ObjectKey>> keys) {
            this(type, (_, object) -> keys.apply(object));
        }
    }

    /// What is to be looked at because of `object`, which may be gone from `view`, or be another
    /// there.
    interface Keys {
        List<ObjectKey> of(View view, JsonObject object);
    }

    /// `writes` in order; `again` is when to look even if nothing changes, null for never.
    record Decision(List<Write> writes, @Nullable Duration again) {
        public static final Decision NOTHING = new Decision(List.of(), null);

        public Decision {
            writes = List.copyOf(writes);
        }

        public static Decision of(Write... writes) {
            return new Decision(List.of(writes), null);
        }
    }
}
