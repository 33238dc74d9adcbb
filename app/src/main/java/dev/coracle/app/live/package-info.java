// SPDX-License-Identifier: Apache-2.0
/// What `coracle run` shows: the life of pods as lines of text.
///
/// [dev.coracle.app.live.LiveView] decides what to say and is pure; [dev.coracle.app.live.Screen]
/// decides how it looks. Neither knows where pods, events and logs come from.
@NullMarked
package dev.coracle.app.live;

import org.jspecify.annotations.NullMarked;
