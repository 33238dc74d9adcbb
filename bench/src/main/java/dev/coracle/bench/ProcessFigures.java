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

    /// From here on utime, stime, cutime and cstime in /proc/PID/stat, counted from 0 behind the
    /// program's name.
    private static final int USER_TIME = 11;

    private static final int CHILDREN_SYSTEM_TIME = 14;

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

    /// The processor time of one process and of the children that it has waited for.
    static Duration cpuWithChildren(long pid) throws IOException {
        long ticks = 0;
        for (int field = USER_TIME; field <= CHILDREN_SYSTEM_TIME; field++) {
            ticks += field(Path.of("/proc", Long.toString(pid)), field);
        }
        return Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND);
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

    /// The arguments of a process, between zero bytes; empty when it is gone.
    static String commandLine(long pid) {
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
        return field(process, USER_TIME) + field(process, USER_TIME + 1);
    }

    /// A field of /proc/PID/stat, counted from 0 behind the program's name.
    private static long field(Path process, int number) throws IOException {
        var stat = Files.readString(process.resolve("stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[number]);
    }
}
