// SPDX-License-Identifier: Apache-2.0
package dev.coracle.app;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A DNS server that others wrote, in a process of its own: authoritative for one zone and its
/// records, refusing everything else. It has an address of loopback to itself, which it needs the
/// interface to know, at the port of DNS, and can be ended, started again, and kept from answering.
///
/// <https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html>
final class Dnsmasq implements AutoCloseable {
    private static final String PROGRAM = "/usr/sbin/dnsmasq";
    private static final int PORT = 53;

    /// The next host of 127.94.0.0/16 to try.
    private static final AtomicInteger NEXT_HOST = new AtomicInteger(1);

    private static final Pattern QUERY = Pattern.compile("(?:auth|query)\\[(\\w+)\\] (\\S+) from ");

    private final Path log;
    private final String address;
    private final List<String> command;
    private @Nullable Process process;

    private Dnsmasq(Path log, String address, List<String> command) {
        this.log = log;
        this.address = address;
        this.command = command;
    }

    /// Skips the test where there is no dnsmasq, or nobody may serve DNS.
    static void assumeInstalled() throws IOException {
        assumeTrue(Files.isExecutable(Path.of(PROGRAM)), "skipped: there is no dnsmasq");
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "skipped: the port of DNS needs root");
    }

    /// Starts one whose log is a new file in `directory`. Its records live for `ttlSeconds`, and so
    /// do its denials.
    ///
    /// @param records options such as `--host-record=www.example,192.0.2.1`
    static Dnsmasq start(Path directory, String zone, int ttlSeconds, String... records)
            throws IOException {
        var address = freeAddress();
        var command = new ArrayList<>(List.of(PROGRAM, "--no-daemon", "--conf-file=/dev/null"));
        command.addAll(List.of("--pid-file", "--no-resolv", "--no-hosts", "--log-queries"));
        command.addAll(
                List.of("--bind-interfaces", "--listen-address=" + address, "--port=" + PORT));
        command.addAll(List.of("--auth-server=ns." + zone + "," + address, "--auth-zone=" + zone));
        command.addAll(List.of("--auth-ttl=" + ttlSeconds, "--auth-soa=1"));
        command.addAll(List.of(records));
        var dnsmasq = new Dnsmasq(directory.resolve(address + ".log"), address, command);
        run("ip", "address", "replace", address + "/32", "dev", "lo");
        try {
            dnsmasq.start();
            return dnsmasq;
        } catch (IOException | RuntimeException | AssertionError e) {
            dnsmasq.close();
            throw e;
        }
    }

    private static String freeAddress() throws IOException {
        while (true) {
            int host = NEXT_HOST.getAndIncrement();
            var address = "127.94.%d.%d".formatted(host >> Byte.SIZE, host & 0xff);
            var socket = new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
            try (var _ = new DatagramSocket(socket);
                    var tcp = new ServerSocket()) {
                tcp.bind(socket);
                return address;
            } catch (BindException _) {
                // another test run has it
            }
        }
    }

    /// The line of a `resolv.conf` that names it.
    String nameserver() {
        return "nameserver " + address + "\n";
    }

    /// Starts it again, at its address and with its records.
    void start() throws IOException {
        int before = Files.exists(log) ? said().length() : 0;
        var started =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        process = started;
        Kubectl.await(
                "dnsmasq is up",
                () -> {
                    if (!started.isAlive()) {
                        throw new AssertionError("dnsmasq ended: " + said());
                    }
                    return said().substring(before);
                },
                said -> said.contains("started, version"));
    }

    /// What it was asked, in order, of all its starts: `A www.example`.
    List<String> queries() {
        return QUERY.matcher(said())
                .results()
                .map(query -> query.group(1) + " " + query.group(2))
                .toList();
    }

    private String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("not started");
        }
        return process;
    }

    /// Ends it: whoever asks is told that nobody listens.
    void stop() {
        running().destroyForcibly().onExit().join();
    }

    /// Keeps it from answering: whoever asks hears nothing.
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        run("kill", "-" + name, Long.toString(running().pid()));
    }

    private static void run(String... command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.onExit().join().exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            stop();
        }
        run("ip", "address", "delete", address + "/32", "dev", "lo");
    }
}
