// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.api;

import dev.coracle.core.json.Json;
import dev.coracle.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a client can ask of the Kubernetes API. Every component writes through this and nothing
/// else; in one process it is the registry itself.
///
/// All methods throw [ApiException] when refused. Objects are whole: `apiVersion`, `kind`,
/// `metadata`.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/>
public interface Api {

    /// What is done about unknown and duplicate fields.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
    enum FieldValidation {
        IGNORE,
        WARN,
        STRICT
    }

    /// How a write is to be made. `duplicates` are the paths of names that the request's text held
    /// more than once; `warnings` collects what the client should be told beside the answer.
    record WriteOptions(
            boolean dryRun,
            FieldValidation fieldValidation,
            String fieldManager,
            List<String> duplicates,
            List<String> warnings) {
        /// For components of ours: for real, nothing to warn of.
        public static WriteOptions by(String fieldManager) {
            return new WriteOptions(
                    false, FieldValidation.IGNORE, fieldManager, List.of(), new ArrayList<>());
        }
    }

    /// The body and query of a delete. Null: not given. `warn` takes what the client should be told
    /// beside the answer.
    record DeleteOptions(
            @Nullable Long gracePeriodSeconds,
            @Nullable String propagationPolicy,
            @Nullable String preconditionUid,
            @Nullable String preconditionResourceVersion,
            boolean dryRun,
            Consumer<String> warn) {
        public static final DeleteOptions NONE = new DeleteOptions(null, null, null, null, false);

        /// Nobody is there to be warned.
        public DeleteOptions(
                @Nullable Long gracePeriodSeconds,
                @Nullable String propagationPolicy,
                @Nullable String preconditionUid,
                @Nullable String preconditionResourceVersion,
                boolean dryRun) {
            this(
                    gracePeriodSeconds,
                    propagationPolicy,
                    preconditionUid,
                    preconditionResourceVersion,
                    dryRun,
                    _ -> {});
        }

        public static DeleteOptions withGrace(long seconds) {
            return new DeleteOptions(seconds, null, null, null, false);
        }
    }

    /// The three kinds of patch; `body` is an array for JSON patch, else an object.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply>
    record Patch(Format format, Json body) {
        public enum Format {
            JSON,
            MERGE,
            STRATEGIC_MERGE
        }
    }

    /// What to list or watch. An empty namespace is all namespaces; selectors are in their text
    /// form; `limit` 0 is all; `resourceVersion` as the client gave it.
    record ListOptions(
            String namespace,
            String labelSelector,
            String fieldSelector,
            long limit,
            String continueToken,
            String resourceVersion,
            String resourceVersionMatch) {
        public static ListOptions all() {
            return in("");
        }

        public static ListOptions in(String namespace) {
            return new ListOptions(namespace, "", "", 0, "", "", "");
        }
    }

    JsonObject create(ResourceType type, String namespace, JsonObject object, WriteOptions options);

    JsonObject get(ResourceType type, ObjectKey key);

    /// Replaces an object, or one part of it: `subresource` is empty, `status`, or another name
    /// that the type has. What HTTP posts to a subresource comes here, too: a `binding` of a pod to
    /// a node, an `eviction`.
    JsonObject update(
            ResourceType type,
            ObjectKey key,
            String subresource,
            JsonObject object,
            WriteOptions options);

    JsonObject patch(
            ResourceType type,
            ObjectKey key,
            String subresource,
            Patch patch,
            WriteOptions options);

    /// Returns the object if it is still there (finalizers, a grace period), else a `Status` of
    /// success.
    JsonObject delete(ResourceType type, ObjectKey key, DeleteOptions options);
}
