// SPDX-License-Identifier: Apache-2.0
package dev.coracle.sim.script;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A file that is there `from` a time of the run on, and until another; null: until the run ends,
/// or somebody removes it.
public record FileScript(String path, Duration from, @Nullable Duration until, String content) {}
