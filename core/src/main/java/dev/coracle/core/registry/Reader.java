// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

import dev.coracle.core.api.Api.ListOptions;
import dev.coracle.core.api.ApiException;
import dev.coracle.core.api.Status;
import dev.coracle.core.registry.Registry.Listing;
import dev.coracle.core.registry.Registry.ObjectWatch;
import dev.coracle.core.store.CompactedException;
import dev.coracle.core.store.Entry;
import dev.coracle.core.store.Store;
import java.util.ArrayList;
import java.util.List;

/// Listings, in parts if wanted, and watches.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#the-resourceversion-parameter>
final class Reader {
    private static final String TOO_OLD = "The resourceVersion for the provided list is too old.";
    private static final String CONTINUE_TOO_OLD =
            "The provided continue parameter is too old to display a consistent list result."
                    + " You must start a new list without the continue parameter.";

    private final Store store;

    Reader(Store store) {
        this.store = store;
    }

    Listing list(ServedKind kind, ListOptions options) {
        var selection = Selection.of(kind, options);
        if (options.limit() < 0) {
            throw ApiException.badRequest(
                    "limit: Invalid value: %d: must be non-negative".formatted(options.limit()));
        }
        boolean continued = !options.continueToken().isEmpty();
        Revisions.checkMatch(options.resourceVersionMatch(), options.resourceVersion(), continued);
        try {
            if (continued) {
                var token =
                        ContinueToken.parse(options.continueToken(), kind.storage().keyPrefix());
                return page(selection, token.after(), options.limit(), token.revision());
            }
            return page(selection, "", options.limit(), revision(options));
        } catch (CompactedException e) {
            throw new ApiException(
                    Status.of(Status.Reason.EXPIRED, continued ? CONTINUE_TOO_OLD : TOO_OLD));
        }
    }

    /// The revision that a first part must show; 0: the newest.
    private long revision(ListOptions options) {
        long revision = Revisions.parse(options.resourceVersion());
        if (revision == 0) {
            return 0;
        }
        Revisions.checkReached(revision, store.revision());
        var match = options.resourceVersionMatch();
        boolean exact = match.equals("Exact") || (match.isEmpty() && options.limit() > 0);
        return exact ? revision : 0;
    }

    private Listing page(Selection selection, String after, long limit, long revision) {
        if (selection.isEverything()) {
            int most = (int) Math.min(limit, Integer.MAX_VALUE);
            var page = store.range(selection.prefix(), after, most, revision);
            return listing(selection, page.entries(), page.revision(), page.remaining());
        }
        return selected(selection, after, limit, revision);
    }

    private Listing selected(Selection selection, String after, long limit, long revision) {
        var page = store.range(selection.prefix(), after, 0, revision);
        var chosen = new ArrayList<Entry>();
        for (var entry : page.entries()) {
            if (!selection.chooses(Rendition.served(selection.kind(), entry).object())) {
                continue;
            }
            if (limit > 0 && chosen.size() == limit) {
                return new Listing(
                        served(selection, chosen),
                        page.revision(),
                        token(selection, page.revision(), chosen.getLast()),
                        0);
            }
            chosen.add(entry);
        }
        return listing(selection, chosen, page.revision(), 0);
    }

    private static Listing listing(
            Selection selection, List<Entry> entries, long revision, long remaining) {
        var token = remaining == 0 ? "" : token(selection, revision, entries.getLast());
        return new Listing(served(selection, entries), revision, token, remaining);
    }

    private static String token(Selection selection, long revision, Entry last) {
        return new ContinueToken(revision, last.key()).text(selection.kind().storage().keyPrefix());
    }

    private static List<Entry> served(Selection selection, List<Entry> entries) {
        return entries.stream().map(entry -> Rendition.served(selection.kind(), entry)).toList();
    }

    ObjectWatch watch(ServedKind kind, ListOptions options) {
        var selection = Selection.of(kind, options);
        long from = Revisions.parse(options.resourceVersion());
        try {
            if (from > 0) {
                Revisions.checkReached(from, store.revision());
                return new SelectedWatch(
                        selection, List.of(), store.watch(selection.prefix(), from), from);
            }
            var present = page(selection, "", 0, 0);
            return new SelectedWatch(
                    selection,
                    present.entries(),
                    store.watch(selection.prefix(), present.revision()),
                    present.revision());
        } catch (CompactedException e) {
            throw SelectedWatch.expired(e);
        }
    }
}
