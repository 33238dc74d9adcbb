// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.validation;

import java.util.Arrays;

/// Paths of files in volumes.
final class Paths {

    private Paths() {}

    /// A relative path that never climbs.
    static void descending(String path, String at, Causes causes) {
        if (path.startsWith("/")) {
            causes.invalid(at, path, "must be a relative path");
        }
        noBacksteps(path, at, causes);
    }

    /// As [#descending], nor starting with `..`, which is for the kubelet's own files.
    static void file(String path, String at, Causes causes) {
        descending(path, at, causes);
        if (path.startsWith("..") && !path.startsWith("../")) {
            causes.invalid(at, path, "must not start with '..'");
        }
    }

    static void noBacksteps(String path, String at, Causes causes) {
        if (Arrays.asList(path.split("/", -1)).contains("..")) {
            causes.invalid(at, path, "must not contain '..'");
        }
    }
}
