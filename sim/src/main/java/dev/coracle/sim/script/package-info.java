// SPDX-License-Identifier: Apache-2.0
/// What pretended containers do: how each run of a container goes, what its endpoints and commands
/// answer, how images are pulled, and what is done from outside at which time. And the YAML form of
/// all that.
///
/// Start reading at [dev.coracle.sim.script.Script]. Knows nothing of virtual time: it is data.
@NullMarked
package dev.coracle.sim.script;

import org.jspecify.annotations.NullMarked;
