// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.dns;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.api.ResourceType;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.net.dns.ClusterNames;
import dev.coracle.core.net.dns.ClusterZone;
import dev.coracle.core.net.dns.DnsIndex;
import dev.coracle.core.registry.Registry;
import dev.coracle.core.view.EndpointSlice;
import dev.coracle.core.view.Service;
import dev.coracle.host.loop.Follower;
import dev.coracle.host.loop.Workers;
import java.time.InstantSource;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Keeps cluster DNS's names as the API has them: follows services, endpoint slices and namespaces.
///
/// Pods are not followed: upstream's `pods insecure` answers for any address, and hostnames come
/// with endpoints.
public final class ClusterDnsFeed implements AutoCloseable {
    private final Workers workers;
    private final ClusterZone zone;
    private final InstantSource clock;
    private final Follower services;
    private final Follower slices;
    private final Follower namespaces;
    private volatile ClusterNames names;

    /// What is followed, and who is told if that ends.
    public record Parts(
            Registry registry,
            ResourceType services,
            ResourceType endpointSlices,
            ResourceType namespaces,
            InstantSource clock,
            Consumer<Throwable> onCrash) {}

    public ClusterDnsFeed(ClusterZone zone, Parts parts) {
        this.zone = zone;
        this.clock = parts.clock();
        this.workers = new Workers(parts.onCrash());
        this.services = new Follower(parts.registry(), parts.services(), "");
        this.slices = new Follower(parts.registry(), parts.endpointSlices(), "");
        this.namespaces = new Follower(parts.registry(), parts.namespaces(), "");
        this.names = new ClusterNames(DnsIndex.EMPTY, zone, 0);
    }

    /// The names of this moment.
    public ClusterNames names() {
        return names;
    }

    /// Reads everything there is, then follows: what was there before is known on return.
    public void start() {
        follow(
                namespaces,
                (index, namespace) -> index.withNamespace(ObjectKey.of(namespace).name()),
                (index, key) -> index.withoutNamespace(key.name()));
        follow(
                slices,
                (index, slice) -> index.with(EndpointSlice.of(slice)),
                DnsIndex::withoutSlice);
        follow(
                services,
                (index, service) -> index.with(Service.of(service)),
                DnsIndex::withoutService);
    }

    private void follow(
            Follower follower,
            BiFunction<DnsIndex, JsonObject, DnsIndex> with,
            BiFunction<DnsIndex, ObjectKey, DnsIndex> without) {
        follower.list().forEach(object -> change(index -> with.apply(index, object)));
        var listener =
                new Follower.Listener() {
                    @Override
                    public void changed(JsonObject object) {
                        change(index -> with.apply(index, object));
                    }

                    @Override
                    public void deleted(ObjectKey key, String uid) {
                        change(index -> without.apply(index, key));
                    }
                };
        workers.follow("dns watch", follower, listener);
    }

    @SuppressWarnings("ReferenceEquality") // an index that did not change is the same one
    private synchronized void change(UnaryOperator<DnsIndex> change) {
        var before = names.index();
        var after = change.apply(before);
        if (after != before) {
            names = new ClusterNames(after, zone, clock.instant().getEpochSecond());
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
