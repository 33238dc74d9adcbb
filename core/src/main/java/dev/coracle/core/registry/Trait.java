// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.registry;

/// What sets a kind apart from others in how the registry treats its objects.
enum Trait {
    /// `metadata.generation` counts changes of what is desired.
    GENERATION,

    /// A PUT of an object that does not exist creates it.
    CREATE_ON_UPDATE,

    /// A PUT must say which resourceVersion it replaces.
    VERSION_REQUIRED,

    /// The status in a POST is stored: the creator reports, as a kubelet does of its node.
    STATUS_ON_CREATE
}
