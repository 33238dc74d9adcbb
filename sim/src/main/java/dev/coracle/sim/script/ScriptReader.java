// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import dev.coracle.core.api.ObjectKey;
import dev.coracle.core.json.JsonFormatException;
import dev.coracle.core.json.JsonNull;
import dev.coracle.core.json.JsonObject;
import dev.coracle.core.json.JsonString;
import dev.coracle.core.json.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a [Script] strictly: an unknown field or a bad value is an error that names its path and
/// the value.
public final class ScriptReader {
    private static final Set<String> GRPC_STATUSES =
            Set.of("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN");
    private static final List<String> DEEDS =
            List.of(
                    "delete",
                    "exec",
                    "killSandbox",
                    "killContainer",
                    "restartKubelet",
                    "apply",
                    "setImage",
                    "setCondition");

    private final Documents documents;

    /// Reads the objects of another file, whose name is as the script has it.
    public interface Documents {
        List<JsonObject> read(String file) throws IOException;
    }

    private ScriptReader(Documents documents) {
        this.documents = documents;
    }

    /// Reads the script in `text`, which errors call `name`.
    ///
    /// @throws IOException naming the script, the path of the field, its value, and what is wrong
    public static Script read(String name, byte[] text, Documents documents) throws IOException {
        try {
            var document = Yaml.readOne(text);
            if (!document.duplicates().isEmpty()) {
                throw new IOException(
                        "%s: %s: written twice".formatted(name, document.duplicates().getFirst()));
            }
            var value = document.value() instanceof JsonNull ? JsonObject.EMPTY : document.value();
            return new ScriptReader(documents).script(Fields.of("", value));
        } catch (JsonFormatException | Fields.Wrong e) {
            throw new IOException("%s: %s".formatted(name, e.getMessage()), e);
        } catch (UncheckedIOException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    private Script script(Fields fields) {
        Map<String, ImageScript> images = new LinkedHashMap<>();
        fields.entries("images", (name, of) -> Map.entry(name, image(of)))
                .forEach(entry -> images.put(entry.getKey(), entry.getValue()));
        var containers = fields.entries("containers", ScriptReader::part);
        var steps =
                fields.list("steps", this::step).stream()
                        .sorted(Comparator.comparing(Step::at))
                        .toList();
        var until = fields.durationOrNull("until");
        fields.end();
        return new Script(images, containers, steps, until);
    }

    // ---- images

    private static ImageScript image(Fields fields) {
        var time = fields.durationOrNull("pullTime");
        var failure = fields.textOrNull("failure");
        int failures = fields.number("failures", 1, 1_000_000, -1);
        if (failure == null && failures >= 0) {
            throw fields.wrong("failures", "needs failure: what the runtime says");
        }
        var pulled = ImageScript.pulledIn(time == null ? Duration.ofMillis(200) : time);
        return failure == null ? pulled : pulled.failing(failures, failure);
    }

    // ---- containers

    private static Script.Part part(String selector, Fields fields) {
        var names = selector.split("/", -1);
        if (names.length > 2 || selector.startsWith("/") || selector.endsWith("/")) {
            throw fields.missing("must be named CONTAINER or POD/CONTAINER");
        }
        var pod = names.length == 2 ? names[0] : "*";
        List<ContainerScript> runs;
        if (fields.has("runs")) {
            runs = fields.list("runs", ScriptReader::run);
            if (runs.isEmpty()) {
                throw fields.wrong("runs", "must have one at least");
            }
        } else {
            runs = List.of(run(fields));
        }
        return new Script.Part(pod, names[names.length - 1], new ContainerScript.Runs(runs));
    }

    private static ContainerScript run(Fields fields) {
        return new ContainerScript(
                fields.duration("startDelay", Duration.ZERO),
                ending(fields),
                onTerm(fields),
                fields.list("memory", ScriptReader::memory).stream()
                        .sorted(Comparator.comparing(ContainerScript.MemoryUse::from))
                        .toList(),
                new ContainerScript.Words(
                        fields.text("terminationMessage", ""), fields.text("log", "")),
                fields.list("files", ScriptReader::file),
                fields.list("exec", ScriptReader::command),
                fields.list("endpoints", ScriptReader::endpoint));
    }

    private static ContainerScript.Ending ending(Fields fields) {
        var which = fields.oneOf(List.of("ends", "startError"));
        if (which == null) {
            return new ContainerScript.Ending.Never();
        }
        if (which.equals("startError")) {
            return new ContainerScript.Ending.StartFails(fields.text("startError"));
        }
        var ends = fields.object("ends", ScriptReader::ends);
        return ends == null ? new ContainerScript.Ending.Never() : ends;
    }

    private static ContainerScript.Ending ends(Fields fields) {
        var after = fields.duration("after", Duration.ZERO);
        fields.oneOf(List.of("exitCode", "outOfMemory"));
        return fields.flag("outOfMemory")
                ? new ContainerScript.Ending.OutOfMemory(after)
                : new ContainerScript.Ending.Exits(fields.number("exitCode", 0, 255, 0), after);
    }

    private static ContainerScript.OnTerm onTerm(Fields fields) {
        if (fields.valueOrNull("onTerm") instanceof JsonString(var word)) {
            if (word.equals("ignored")) {
                return new ContainerScript.OnTerm.Ignored();
            }
            throw fields.wrong("onTerm", "must be ignored, or an object");
        }
        var reaction =
                fields.object(
                        "onTerm",
                        term ->
                                new ContainerScript.OnTerm.Exits(
                                        term.number("exitCode", 0, 255, 0),
                                        term.duration("after", Duration.ofMillis(20))));
        return reaction == null ? ContainerScript.runs().onTerm() : reaction;
    }

    private static ContainerScript.MemoryUse memory(Fields fields) {
        return new ContainerScript.MemoryUse(
                fields.duration("from", Duration.ZERO), fields.bytes("bytes"));
    }

    private static FileScript file(Fields fields) {
        var from = fields.duration("from", Duration.ZERO);
        var until = fields.durationOrNull("until");
        if (until != null && until.compareTo(from) <= 0) {
            throw fields.wrong("until", "must be after from");
        }
        return new FileScript(absolute(fields, "path"), from, until, fields.text("content", ""));
    }

    private static String absolute(Fields fields, String name) {
        var path = fields.text(name);
        if (!path.startsWith("/")) {
            throw fields.wrong(name, "must begin with /");
        }
        return path;
    }

    private static CommandScript command(Fields fields) {
        var command = String.join(" ", fields.words("command"));
        var answers =
                fields.has("answers")
                        ? inOrder(
                                fields.list("answers", ScriptReader::commandAnswer),
                                Comparator.comparing(CommandScript.Answer::from))
                        : List.of(commandAnswer(fields));
        return new CommandScript(command, answers);
    }

    private static CommandScript.Answer commandAnswer(Fields fields) {
        return new CommandScript.Answer(
                fields.duration("from", Duration.ZERO),
                fields.duration("takes", Duration.ZERO),
                fields.number("exitCode", 0, 255, 0),
                fields.text("output", ""));
    }

    private static Endpoint endpoint(Fields fields) {
        int port = fields.number("port", 1, 65_535, null);
        var path = fields.has("path") ? absolute(fields, "path") : null;
        var answers =
                fields.has("answers")
                        ? inOrder(
                                fields.list("answers", ScriptReader::answer),
                                Comparator.comparing(Endpoint.Answer::from))
                        : List.of(answer(fields));
        return new Endpoint(port, path, answers);
    }

    private static <T> List<T> inOrder(List<T> answers, Comparator<T> order) {
        return answers.stream().sorted(order).toList();
    }

    private static Endpoint.Answer answer(Fields fields) {
        var from = fields.duration("from", Duration.ZERO);
        if (fields.flag("hangs")) {
            return new Endpoint.Answer(from, HANGING, new Endpoint.Reply.Accepts());
        }
        return new Endpoint.Answer(from, fields.duration("delay", Duration.ZERO), reply(fields));
    }

    /// Longer than any timeout that a probe may have.
    private static final Duration HANGING = Duration.ofDays(36_500);

    private static Endpoint.Reply reply(Fields fields) {
        var file = fields.textOrNull("whileFile");
        var location = fields.textOrNull("redirect");
        if (file != null) {
            return new Endpoint.Reply.ByFile(
                    absolute(fields, "whileFile"),
                    status(fields, "status", 200),
                    status(fields, "otherwise", 500));
        }
        if (location != null) {
            return new Endpoint.Reply.Redirect(status(fields, "status", 302), location);
        }
        var which = fields.oneOf(List.of("status", "grpc", "refused", "accepts"));
        return switch (which) {
            case "grpc" -> new Endpoint.Reply.Grpc(grpc(fields));
            case "refused" ->
                    fields.flag("refused")
                            ? new Endpoint.Reply.Refuses()
                            : new Endpoint.Reply.Http(200, "");
            case "accepts" -> {
                if (!fields.flag("accepts")) {
                    throw fields.wrong("accepts", "must be true; see refused");
                }
                yield new Endpoint.Reply.Accepts();
            }
            case null, default ->
                    new Endpoint.Reply.Http(status(fields, "status", 200), fields.text("body", ""));
        };
    }

    private static int status(Fields fields, String name, int otherwise) {
        return fields.number(name, 100, 599, otherwise);
    }

    private static String grpc(Fields fields) {
        var status = fields.text("grpc");
        if (!GRPC_STATUSES.contains(status)) {
            throw fields.wrong("grpc", "must be SERVING, NOT_SERVING, UNKNOWN or SERVICE_UNKNOWN");
        }
        return status;
    }

    // ---- steps

    private Step step(Fields fields) {
        var at = fields.duration("at", Duration.ZERO);
        var which = fields.oneOf(DEEDS);
        if (which == null) {
            throw fields.missing("says nothing to do; known: " + String.join(", ", DEEDS));
        }
        Step.@Nullable Deed deed =
                switch (which) {
                    case "delete" -> fields.object(which, ScriptReader::delete);
                    case "exec" ->
                            fields.object(
                                    which,
                                    of ->
                                            new Step.Deed.Exec(
                                                    pod(of),
                                                    of.text("container"),
                                                    of.words("command")));
                    case "killSandbox" ->
                            fields.object(which, of -> new Step.Deed.KillSandbox(pod(of)));
                    case "killContainer" ->
                            fields.object(
                                    which,
                                    of ->
                                            new Step.Deed.KillContainer(
                                                    pod(of),
                                                    of.text("container"),
                                                    of.number("exitCode", 0, 255, 137)));
                    case "restartKubelet" ->
                            fields.object(
                                    which,
                                    of ->
                                            new Step.Deed.RestartKubelet(
                                                    of.duration(
                                                            "downtime", Duration.ofSeconds(5))));
                    case "apply" -> apply(fields);
                    case "setImage" ->
                            fields.object(
                                    which,
                                    of ->
                                            new Step.Deed.SetImage(
                                                    pod(of),
                                                    of.text("container"),
                                                    of.text("image")));
                    default -> fields.object(which, ScriptReader::condition);
                };
        if (deed == null) {
            throw fields.wrong(which, "must be an object");
        }
        return new Step(at, deed);
    }

    private static ObjectKey pod(Fields fields) {
        return new ObjectKey(fields.text("namespace", "default"), fields.text("pod"));
    }

    private static Step.Deed delete(Fields fields) {
        var pod = pod(fields);
        boolean given = fields.has("gracePeriodSeconds");
        long grace = fields.number("gracePeriodSeconds", 0, Integer.MAX_VALUE, 0);
        return new Step.Deed.Delete(pod, given ? grace : null);
    }

    private static Step.Deed condition(Fields fields) {
        var status = fields.text("status");
        if (!Set.of("True", "False", "Unknown").contains(status)) {
            throw fields.wrong("status", "must be \"True\", \"False\" or \"Unknown\"");
        }
        return new Step.Deed.SetCondition(pod(fields), fields.text("type"), status);
    }

    private Step.Deed apply(Fields fields) {
        return switch (fields.valueOrNull("apply")) {
            case JsonString(var file) -> {
                try {
                    yield new Step.Deed.Apply(documents.read(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }
            case JsonObject object -> new Step.Deed.Apply(List.of(object));
            case null, default ->
                    throw fields.wrong("apply", "must be the name of a file, or an object");
        };
    }

    /// The name of the script that belongs to a manifest: `web.yaml` has `web.script.yaml`.
    public static String beside(String manifest) {
        var stem = manifest.replaceFirst("\\.(ya?ml|json)$", "");
        return stem + ".script.yaml";
    }

    /// One script of several: what the later ones say of a container or image goes first.
    public static Script joined(List<Script> scripts) {
        var images = new LinkedHashMap<String, ImageScript>();
        var containers = new ArrayList<Script.Part>();
        var steps = new ArrayList<Step>();
        Duration until = null;
        for (var script : scripts) {
            images.putAll(script.images());
            containers.addAll(0, script.containers());
            steps.addAll(script.steps());
            until = script.until() == null ? until : script.until();
        }
        steps.sort(Comparator.comparing(Step::at));
        return new Script(images, containers, steps, until);
    }
}
