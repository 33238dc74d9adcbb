// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api;
import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.store.Entry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The only door to the store: what every verb means for every kind. Adds to [Api] what a server
/// of the API needs: listings and watches that share serialized bytes.
public interface Registry extends Api {

    /// Part of a listing as of `revision`; `continueToken` is empty at the end, `remaining` how
    /// many objects are after this part (0, too, where a selector makes that costly to know).
    record Listing(List<Entry> entries, long revision, String continueToken, long remaining) {
        public Listing {
            entries = List.copyOf(entries);
        }
    }

    /// A watch as the API shows it: only what the selectors choose; an object that ceases to match
    /// is DELETED, one that begins to is ADDED.
    interface ObjectWatch extends AutoCloseable {
        enum Type {
            ADDED,
            MODIFIED,
            DELETED
        }

        /// `previous` is what a modified object was before, where that is known.
        record Event(Type type, Entry entry, @Nullable Entry previous) {
            public Event(Type type, Entry entry) {
                this(type, entry, null);
            }
        }

        /// `upTo` is the revision up to which everything was seen, for bookmarks.
        record Batch(List<Event> events, long upTo) {
            public Batch {
                events = List.copyOf(events);
            }
        }

        /// As [dev.coracle.core.store.Watch#poll].
        Batch poll();

        /// As [dev.coracle.core.store.Watch#await].
        Batch await(Duration timeout) throws InterruptedException;

        boolean closed();

        @Override
        void close();
    }

    /// Every kind that is served, in discovery's order.
    List<ResourceType> types();

    /// Reads one part of an object: all of it for an empty `subresource` and for `status`, a
    /// `Scale` for `scale`.
    JsonObject get(ResourceType type, ObjectKey key, String subresource);

    /// @throws dev.coracle.core.api.ApiException 400 for a selector or token that is none, 410 for
    ///     a revision that is gone
    Listing list(ResourceType type, ListOptions options);

    /// Starts after `options.resourceVersion()`; when that is empty or `0`, the present objects
    /// come first, as ADDED.
    ///
    /// @throws dev.coracle.core.api.ApiException as [#list]
    ObjectWatch watch(ResourceType type, ListOptions options);

    /// Deletes everything that `selection` chooses, one by one, and returns what was deleted.
    List<JsonObject> deleteCollection(
            ResourceType type, ListOptions selection, DeleteOptions options);
}
