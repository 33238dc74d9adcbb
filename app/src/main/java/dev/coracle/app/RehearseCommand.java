// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import dev.coracle.disk.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// What the launcher trains the start-up cache with.
@Command(
        name = "rehearse",
        hidden = true,
        description = "Walk through a node's start and a pod's life without touching the machine.",
        footer = {"", "Example:", "  coracle rehearse"})
final class RehearseCommand extends Cli.Verb {
    private static final String POD =
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: rehearsal}
            spec:
              terminationGracePeriodSeconds: 2
              initContainers:
              - {name: setup, image: none:1}
              containers:
              - name: web
                image: none:1
                startupProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1, failureThreshold: 9}
                readinessProbe: {exec: {command: [cat, /ready]}, periodSeconds: 2}
                livenessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 4}
              - {name: crash, image: none:1}
            """;

    private static final String SCRIPT =
            """
            containers:
              setup: {ends: {after: 1s}}
              crash: {ends: {after: 1s, exitCode: 1}}
              web:
                files: [{path: /ready, from: 10s, until: 30s}]
                endpoints:
                - {port: 8080, path: /healthz, answers: [{refused: true}, {from: 5s}, {from: 40s, status: 500}]}
            steps:
            - {at: 9m, delete: {pod: rehearsal}}
            """;

    private final NodeStarter starter;

    RehearseCommand(NodeStarter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws IOException {
        out().println(new CommandLine(new RunCommand(starter)).getUsageMessage());
        var scratch = Files.createTempDirectory("coracle-rehearse-");
        try {
            starter.rehearse(scratch);
            simulate(scratch);
        } finally {
            Trees.delete(scratch);
        }
        return 0;
    }

    /// A pod with everything that a simulation meets often.
    private void simulate(Path scratch) throws IOException {
        var pod = scratch.resolve("pod.yaml");
        Files.writeString(pod, POD);
        Files.writeString(scratch.resolve("pod.script.yaml"), SCRIPT);
        for (var format : List.of("text", "json")) {
            new CommandLine(new SimulateCommand())
                    .setOut(out())
                    .execute(pod.toString(), "--until", "10m", "-o", format);
        }
    }
}
