// SPDX-License-Identifier: Apache-2.0
/// Gives services of type LoadBalancer an address of the node.
@NullMarked
package dev.coracle.core.controller.loadbalancer;

import org.jspecify.annotations.NullMarked;
