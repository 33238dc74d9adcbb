// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.schema;

/// One field of a type. `omitsZero`: `""`, `0` and `false` mean the same as absence.
public record Field(String name, Type type, boolean required, boolean omitsZero, Merge merge) {}
