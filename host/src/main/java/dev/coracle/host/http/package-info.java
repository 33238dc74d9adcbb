// SPDX-License-Identifier: Apache-2.0
/// The Kubernetes API over HTTPS: what a request is, who sends it, whether they may, and how the
/// answer is written. Every rule about objects is the registry's.
///
/// Start reading at [dev.coracle.host.http.ApiServer], then
/// `ApiHandler`, through which every request goes.
@NullMarked
package dev.coracle.host.http;

import org.jspecify.annotations.NullMarked;
