// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry.defaults;

import dev.coracle.core.json.JsonObject;

/// The selector a job gets unless it brings its own: its uid, which no other job's pods carry.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/>
final class JobSelector {
    private static final String UID = "batch.kubernetes.io/controller-uid";
    private static final String NAME = "batch.kubernetes.io/job-name";

    private JobSelector() {}

    static JsonObject generate(JsonObject job) {
        var spec = job.object("spec");
        if (spec.bool("manualSelector", false)) {
            return job;
        }
        var uid = job.object("metadata").string("uid");
        var name = job.object("metadata").string("name");
        var labels =
                spec.object("template")
                        .object("metadata")
                        .object("labels")
                        .with(UID, uid)
                        .with(NAME, name)
                        .with("controller-uid", uid)
                        .with("job-name", name);
        var selected =
                spec.with("selector", own -> own.with("matchLabels", m -> m.with(UID, uid)))
                        .with(
                                "template",
                                template ->
                                        template.with(
                                                "metadata", meta -> meta.with("labels", labels)));
        var result = job.with("spec", selected);
        return result.object("metadata").object("labels").isEmpty()
                ? result.with("metadata", metadata -> metadata.with("labels", labels))
                : result;
    }
}
