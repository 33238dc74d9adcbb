// SPDX-License-Identifier: Apache-2.0
/// Says which addresses are behind a service, in both forms that the API has for it.
///
/// Start reading at [dev.coracle.core.controller.endpoints.EndpointSlices].
@NullMarked
package dev.coracle.core.controller.endpoints;

import org.jspecify.annotations.NullMarked;
