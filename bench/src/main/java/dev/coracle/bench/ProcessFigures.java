// SPDX-License-Identifier: Apache-2.0
package dev.coracle.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a set of processes uses, from /proc.
record ProcessFigures(long pssBytes, Duration cpu, int processes) {
    /// Ticks of /proc/PID/stat per second: fixed at 100 on Linux for user space.
    private static final int TICKS_PER_SECOND = 100;

    /// The figures of every process whose command line holds one of `marks`, such as a data
    /// directory.
    static ProcessFigures of(List<String> marks) throws IOException {
        long pss = 0;
        long ticks = 0;
        int count = 0;
        for (var process : family(marks)) {
            try {
                pss += pssBytes(process);
                ticks += ticks(process);
                count++;
            } catch (NoSuchFileException _) {
                // it ended between the listing and the reading
            } catch (IOException e) {
                if (Files.exists(process)) {
                    throw e;
                }
            }
        }
        return new ProcessFigures(pss, Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND), count);
    }

    private static List<Path> family(List<String> marks) {
        var found = new ArrayList<Path>();
        ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> isMarked(process.pid(), marks))
                .forEach(process -> found.add(Path.of("/proc", Long.toString(process.pid()))));
        return found;
    }

    private static boolean isMarked(long pid, List<String> marks) {
        var line = commandLine(pid);
        return marks.stream().anyMatch(line::contains);
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
        } catch (IOException e) {
            return ""; // ended, or not ours to read
        }
    }

    private static long pssBytes(Path process) throws IOException {
        for (var line : Files.readAllLines(process.resolve("smaps_rollup"))) {
            if (line.startsWith("Pss:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }

    private static long ticks(Path process) throws IOException {
        var stat = Files.readString(process.resolve("stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // utime, stime
    }
}
