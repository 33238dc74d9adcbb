// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.kubelet.ProbeCall;
import dev.coracle.core.kubelet.ProbeReply;
import dev.coracle.core.kubelet.Prober;
import dev.coracle.sim.script.Endpoint;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Asks pretended containers over a pretended network, in virtual time: who runs at the address and
/// listens on the port answers as its script says, within the timeout and in upstream's words.
///
/// A port that no script mentions, and that a probe or hook of a running container names, is taken
/// to be well: 200, a connection, SERVING.
public final class ScriptedProber implements Prober {
    private static final Duration ROUND_TRIP = Duration.ofMillis(1);
    private static final int MOST_REDIRECTS = 10;
    private static final int LONGEST_BODY = 10 << 10;
    private static final Endpoint.Answer WELL =
            new Endpoint.Answer(Duration.ZERO, Duration.ZERO, new Endpoint.Reply.Http(200, ""));

    private final World world;
    private final ScriptedRuntime runtime;
    private final String nodeIp;
    private final SplittableRandom random;
    private final Map<Long, Asked> underWay = new LinkedHashMap<>();
    private long questions;
    private Faults faults = Faults.NONE;
    private Consumer<Happening> observer = _ -> {};
    private Function<ObjectKey, JsonObject> pods = _ -> JsonObject.EMPTY;

    public ScriptedProber(World world, ScriptedRuntime runtime, String nodeIp) {
        this.world = world;
        this.runtime = runtime;
        this.nodeIp = nodeIp;
        this.random = world.random();
    }

    public void faults(Faults newFaults) {
        faults = newFaults;
    }

    /// As [ScriptedRuntime#observe].
    public void observe(Consumer<Happening> watcher, Function<ObjectKey, JsonObject> lookup) {
        observer = watcher;
        pods = lookup;
    }

    /// Who is asked: the container that listens, or that asked, and what it answers; both null
    /// when there is none.
    private record Listener(
            @Nullable PretendedContainer container, Endpoint.@Nullable Answer answer) {}

    /// A question on its way, by which instant it must be answered.
    private record Asked(long id, ProbeCall call, Instant deadline, Consumer<ProbeReply> reply) {}

    @Override
    public void perform(ProbeCall call, Consumer<ProbeReply> reply) {
        boolean lost = random.nextDouble() < faults.lost();
        var delay = ROUND_TRIP.plus(faults.lateness(random));
        var asked = new Asked(++questions, call, world.instant().plus(call.timeout()), reply);
        underWay.put(asked.id(), asked);
        if (lost || delay.compareTo(call.timeout()) >= 0) {
            world.at(asked.deadline(), () -> answer(asked, null, silence(call)));
        } else {
            world.in(delay, () -> ask(asked));
        }
    }

    private void ask(Asked asked) {
        switch (asked.call()) {
            case ProbeCall.HttpGet get -> get(asked, get, get.port(), get.path(), 0);
            case ProbeCall.TcpConnect tcp -> connect(asked, tcp);
            case ProbeCall.GrpcCheck grpc -> check(asked, grpc);
        }
    }

    // ---- HTTP

    private void get(Asked asked, ProbeCall.HttpGet get, int port, String path, int redirects) {
        var listener = listener(get, port, path);
        var answer = listener.answer();
        if (isRefused(answer)) {
            answer(asked, listener.container(), failed(get, refusal(get, port)));
        } else if (answer != null) {
            deliver(
                    asked,
                    listener.container(),
                    answer.delay(),
                    () ->
                            respond(
                                    asked,
                                    get,
                                    Objects.requireNonNull(listener.container()),
                                    answer.reply(),
                                    redirects));
        } else {
            answer(asked, listener.container(), new ProbeReply.Http(404, "404 page not found\n"));
        }
    }

    private void respond(
            Asked asked,
            ProbeCall.HttpGet get,
            PretendedContainer container,
            Endpoint.Reply reply,
            int redirects) {
        switch (reply) {
            case Endpoint.Reply.Http(int status, var body) ->
                    answer(asked, container, new ProbeReply.Http(status, cut(body)));
            case Endpoint.Reply.ByFile(var file, int present, int absent) ->
                    answer(
                            asked,
                            container,
                            new ProbeReply.Http(container.hasFile(file) ? present : absent, ""));
            case Endpoint.Reply.Redirect(int status, var location) ->
                    redirect(asked, get, container, status, location, redirects + 1);
            case Endpoint.Reply.Grpc _ ->
                    answer(
                            asked,
                            container,
                            failed(get, "net/http: HTTP/1.x transport connection broken"));
            case Endpoint.Reply.Accepts(), Endpoint.Reply.Refuses() ->
                    world.at(asked.deadline(), () -> answer(asked, container, silence(get)));
        }
    }

    private static String cut(String body) {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= LONGEST_BODY
                ? body
                : new String(bytes, 0, LONGEST_BODY, StandardCharsets.UTF_8);
    }

    /// The same host is asked on, another one's address is the answer.
    private void redirect(
            Asked asked,
            ProbeCall.HttpGet get,
            PretendedContainer container,
            int status,
            String location,
            int redirects) {
        var target = URI.create(location);
        boolean elsewhere = target.getHost() != null && !target.getHost().equals(get.host());
        if (elsewhere) {
            answer(asked, container, new ProbeReply.Http(status, ""));
        } else if (redirects >= MOST_REDIRECTS) {
            answer(asked, container, failed(get, "stopped after 10 redirects"));
        } else {
            int port = target.getHost() == null ? get.port() : target.getPort();
            var path = target.getPath() == null ? "/" : target.getPath();
            world.in(ROUND_TRIP, () -> get(asked, get, port < 0 ? 80 : port, path, redirects));
        }
    }

    // ---- TCP and gRPC

    private void connect(Asked asked, ProbeCall.TcpConnect tcp) {
        var listener = listener(tcp, tcp.port(), null);
        answer(
                asked,
                listener.container(),
                isRefused(listener.answer())
                        ? failed(tcp, refusal(tcp, tcp.port()))
                        : new ProbeReply.Connected());
    }

    private void check(Asked asked, ProbeCall.GrpcCheck grpc) {
        var listener = listener(grpc, grpc.port(), null);
        var answer = listener.answer();
        if (answer == null || isRefused(answer)) {
            // upstream goes on trying to connect until the time is up
            world.at(asked.deadline(), () -> answer(asked, listener.container(), silence(grpc)));
            return;
        }
        deliver(
                asked,
                listener.container(),
                answer.delay(),
                () ->
                        answer(
                                asked,
                                listener.container(),
                                switch (answer.reply()) {
                                    case Endpoint.Reply.Grpc(var status) ->
                                            new ProbeReply.Grpc(status);
                                    case Endpoint.Reply.Http _ when answer.equals(WELL) ->
                                            new ProbeReply.Grpc("SERVING");
                                    default ->
                                            new ProbeReply.Failed("error: health rpc probe failed");
                                }));
    }

    // ---- who listens

    private static boolean isRefused(Endpoint.@Nullable Answer answer) {
        return answer != null && answer.reply() instanceof Endpoint.Reply.Refuses;
    }

    private static final Endpoint.Answer NOBODY =
            new Endpoint.Answer(Duration.ZERO, Duration.ZERO, new Endpoint.Reply.Refuses());

    /// `path` null: any. An answer of null is a server that does not know the path.
    private Listener listener(ProbeCall call, int port, @Nullable String path) {
        @Nullable PretendedContainer asker = null;
        for (var sandbox : runtime.node().sandboxesAt(host(call), nodeIp)) {
            var running = runtime.node().runningIn(sandbox).toList();
            for (var container : running) {
                var endpoints = endpoints(container, port);
                if (!endpoints.isEmpty()) {
                    return new Listener(container, answer(container, endpoints, path));
                }
            }
            var pod = pods.apply(sandbox.pod());
            var askers = Questions.askers(pod, call);
            for (var container : running) {
                if (askers.contains(container.spec.name())) {
                    asker = asker == null ? container : asker;
                }
            }
        }
        if (asker == null || isScripted(call, port)) {
            return new Listener(asker, NOBODY);
        }
        runtime.assume("%s answers on port %d".formatted(asker.run(), port));
        return new Listener(asker, WELL);
    }

    /// Whether a container that does not run now is the one that would listen there.
    private boolean isScripted(ProbeCall call, int port) {
        return runtime.node().sandboxesAt(host(call), nodeIp).stream()
                .flatMap(sandbox -> runtime.node().allIn(sandbox))
                .anyMatch(container -> !endpoints(container, port).isEmpty());
    }

    private static List<Endpoint> endpoints(PretendedContainer container, int port) {
        return container.script.endpoints().stream()
                .filter(endpoint -> endpoint.port() == port)
                .toList();
    }

    private static Endpoint.@Nullable Answer answer(
            PretendedContainer container, List<Endpoint> endpoints, @Nullable String path) {
        boolean listens = false;
        Endpoint.@Nullable Answer found = null;
        for (var endpoint : endpoints) {
            var answer = current(endpoint, container.age());
            listens |= !isRefused(answer);
            if (path == null
                    || endpoint.path() == null
                    || endpoint.path().equals(withoutQuery(path))) {
                found = found == null || isRefused(found) ? answer : found;
            }
        }
        if (found != null && isRefused(found) && path == null && listens) {
            return WELL;
        }
        return found == null && !listens ? NOBODY : found;
    }

    private static Endpoint.Answer current(Endpoint endpoint, Duration age) {
        var current = NOBODY;
        for (var answer : endpoint.answers()) {
            current = answer.from().compareTo(age) <= 0 ? answer : current;
        }
        return current;
    }

    private static String withoutQuery(String path) {
        int mark = path.indexOf('?');
        var bare = mark < 0 ? path : path.substring(0, mark);
        return bare.startsWith("/") ? bare : "/" + bare;
    }

    // ---- answers

    /// Goes on after `delay`, or says that it took too long.
    private void deliver(
            Asked asked, @Nullable PretendedContainer container, Duration delay, Runnable then) {
        if (world.instant().plus(delay).isAfter(asked.deadline())) {
            world.at(asked.deadline(), () -> answer(asked, container, silence(asked.call())));
        } else if (delay.isZero()) {
            then.run();
        } else {
            world.in(
                    delay,
                    () -> {
                        if (container == null || container.running()) {
                            then.run();
                        } else {
                            answer(asked, container, failed(asked.call(), "EOF"));
                        }
                    });
        }
    }

    private void answer(Asked asked, @Nullable PretendedContainer container, ProbeReply reply) {
        if (underWay.remove(asked.id()) == null) {
            return; // the prober was closed
        }
        world.note("network " + Brief.of(asked.call()) + " -> " + Brief.said(reply));
        if (container != null) {
            var pod = container.sandbox.pod();
            var name = container.spec.name();
            var askers = Questions.askers(pods.apply(pod), asked.call());
            var asker = askers.contains(name) || askers.isEmpty() ? name : askers.getFirst();
            observer.accept(
                    new Happening.Answered(
                            world.instant(),
                            pod,
                            asker,
                            Questions.purpose(pods.apply(pod), asker, asked.call()),
                            Brief.of(asked.call()),
                            Brief.said(reply)));
        }
        asked.reply().accept(reply);
    }

    private static ProbeReply failed(ProbeCall call, String why) {
        return new ProbeReply.Failed(
                call instanceof ProbeCall.HttpGet get
                        ? "Get \"%s\": %s".formatted(url(get), why)
                        : why);
    }

    private static String refusal(ProbeCall call, int port) {
        return "dial tcp %s:%d: connect: connection refused".formatted(host(call), port);
    }

    /// What is said when nothing comes back in time.
    private static ProbeReply silence(ProbeCall call) {
        return switch (call) {
            case ProbeCall.HttpGet get ->
                    failed(
                            get,
                            "context deadline exceeded (Client.Timeout exceeded while awaiting"
                                    + " headers)");
            case ProbeCall.TcpConnect tcp ->
                    failed(tcp, "dial tcp %s:%d: i/o timeout".formatted(tcp.host(), tcp.port()));
            case ProbeCall.GrpcCheck grpc ->
                    failed(
                            grpc,
                            "timeout: failed to connect service \"%s:%d\" within %ds: context deadline exceeded"
                                    .formatted(
                                            grpc.host(), grpc.port(), grpc.timeout().toSeconds()));
        };
    }

    private static String host(ProbeCall call) {
        return switch (call) {
            case ProbeCall.HttpGet get -> get.host();
            case ProbeCall.TcpConnect tcp -> tcp.host();
            case ProbeCall.GrpcCheck grpc -> grpc.host();
        };
    }

    static String url(ProbeCall.HttpGet get) {
        return "%s://%s:%d%s"
                .formatted(
                        get.scheme().name().toLowerCase(Locale.ROOT),
                        get.host(),
                        get.port(),
                        get.path().startsWith("/") ? get.path() : "/" + get.path());
    }

    /// What is under way ends as failed.
    @Override
    public void close() {
        var open = List.copyOf(underWay.values());
        underWay.clear();
        open.forEach(asked -> asked.reply().accept(failed(asked.call(), "context canceled")));
    }
}
