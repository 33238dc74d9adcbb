// SPDX-License-Identifier: Apache-2.0
/// The program: its command line, and the one place where every part is constructed.
///
/// Decides nothing about Kubernetes. The only package that reads the system's clock and draws
/// seeds. Start reading at [dev.coracle.app.Main], then [dev.coracle.app.RunningNode], which is all
/// that the commands know of a node.
@NullMarked
package dev.coracle.app;

import org.jspecify.annotations.NullMarked;
