// SPDX-License-Identifier: Apache-2.0
/// Files of Kubernetes objects: reading them, and bringing them to the API.
///
/// Decides nothing about any kind: the API refuses what is wrong, this package says in which file
/// and document. Start reading at [dev.coracle.app.manifest.ManifestFile].
@NullMarked
package dev.coracle.app.manifest;

import org.jspecify.annotations.NullMarked;
