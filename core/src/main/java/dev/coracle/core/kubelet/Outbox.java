// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a [Kubelet] and its pods want done in answer to one input, and who waits for which reply.
final class Outbox {
    private final Map<Long, Consumer<RuntimeReply>> awaited = new HashMap<>();
    private final Map<Long, Consumer<ProbeReply>> probes = new HashMap<>();
    private List<KubeletOutput> outputs = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private @Nullable Instant begunAt;
    private long lastCallId;

    /// Begins a new input.
    void at(Instant instant) {
        now = instant;
        begunAt = begunAt == null ? instant : begunAt;
    }

    /// When the first input came.
    Instant begunAt() {
        return begunAt == null ? now : begunAt;
    }

    Instant now() {
        return now;
    }

    void add(KubeletOutput output) {
        outputs.add(output);
    }

    /// Makes a call whose reply goes to `then`; returns its id.
    long call(RuntimeCall call, Consumer<RuntimeReply> then) {
        awaited.put(++lastCallId, then);
        outputs.add(new KubeletOutput.Call(lastCallId, call));
        return lastCallId;
    }

    /// Asks over the network.
    void probe(ProbeCall call, Consumer<ProbeReply> then) {
        probes.put(++lastCallId, then);
        outputs.add(new KubeletOutput.Probe(lastCallId, call));
    }

    /// Writes files; `then` is told [RuntimeReply.Done] or [RuntimeReply.Failed].
    long write(String podUid, List<KubeletOutput.HostFile> files, Consumer<RuntimeReply> then) {
        awaited.put(++lastCallId, then);
        outputs.add(new KubeletOutput.WriteFiles(lastCallId, podUid, files));
        return lastCallId;
    }

    /// Lets go of a call: its reply will change nothing.
    void abandon(long callId) {
        awaited.remove(callId);
    }

    /// Delivers a reply; one that nobody waits for any more is dropped.
    void deliver(long callId, RuntimeReply reply) {
        @Nullable Consumer<RuntimeReply> then = awaited.remove(callId);
        if (then != null) {
            then.accept(reply);
        }
    }

    /// As [#deliver], for a question over the network.
    void deliver(long callId, ProbeReply reply) {
        @Nullable Consumer<ProbeReply> then = probes.remove(callId);
        if (then != null) {
            then.accept(reply);
        }
    }

    /// Everything that was wanted since the last time.
    List<KubeletOutput> drain() {
        var drained = outputs;
        outputs = new ArrayList<>();
        return List.copyOf(drained);
    }
}
