// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.http;

import dev.coracle.core.json.JsonObject;
import java.util.regex.Pattern;

/// What `/version` says. Clients read `gitVersion` as a semantic version and compare it with their
/// own, and `major` and `minor` as numbers: all three speak of the Kubernetes API that is served;
/// what serves it is the build metadata, as in `v1.36.2+coracle-0.1.0`.
///
/// `commit` and `buildDate` may be empty; `runtime` is what runs the program, `platform` is like
/// `linux/amd64`.
public record ServerVersion(
        String gitVersion, String commit, String buildDate, String runtime, String platform) {
    private static final Pattern FORM =
            Pattern.compile("v(\\d+)\\.(\\d+)\\.(\\d+)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?");

    public ServerVersion {
        if (!FORM.matcher(gitVersion).matches()) {
            throw new IllegalArgumentException(
                    "gitVersion \"%s\" is not of the form v1.2.3+build".formatted(gitVersion));
        }
    }

    /// Of this process.
    public static ServerVersion of(String gitVersion, String commit, String buildDate) {
        var architecture = System.getProperty("os.arch");
        return new ServerVersion(
                gitVersion,
                commit,
                buildDate,
                "java" + Runtime.version().feature(),
                "linux/" + (architecture.equals("aarch64") ? "arm64" : architecture));
    }

    JsonObject json() {
        var parts = gitVersion.substring(1).split("\\.", 3);
        return JsonObject.builder()
                .put("major", parts[0])
                .put("minor", parts[1])
                .put("gitVersion", gitVersion)
                .put("gitCommit", commit)
                .put("gitTreeState", commit.isEmpty() ? "" : "clean")
                .put("buildDate", buildDate)
                .put("goVersion", runtime)
                .put("compiler", "javac")
                .put("platform", platform)
                .build();
    }
}
