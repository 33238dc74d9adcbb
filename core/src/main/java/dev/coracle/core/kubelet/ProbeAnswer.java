// SPDX-License-Identifier: Apache-2.0
package dev.coracle.core.kubelet;

import dev.coracle.core.json.Json;
import java.time.Duration;
import java.util.List;

/// What an answer to a probe means.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
sealed interface ProbeAnswer {

    record Success() implements ProbeAnswer {}

    /// A success of which something is to be said.
    record Warning(String message) implements ProbeAnswer {}

    record Failure(String message) implements ProbeAnswer {}

    /// The probe itself did not work: neither a success nor a failure.
    record Unknown(String message) implements ProbeAnswer {}

    /// 2xx and 3xx are success; a redirect that was not followed leads to another host, of which
    /// is warned.
    ///
    /// Upstream's page: that of [ProbeSpec], "HTTP probes".
    static ProbeAnswer of(ProbeReply reply) {
        return switch (reply) {
            case ProbeReply.Http(int code, _) when code < 200 || code >= 400 ->
                    new Failure("HTTP probe failed with statuscode: " + code);
            case ProbeReply.Http(int code, var body) when code >= 300 ->
                    new Warning("Probe terminated redirects, Response body: " + body);
            case ProbeReply.Http _, ProbeReply.Connected _ -> new Success();
            case ProbeReply.Grpc(var status) when status.equals("SERVING") -> new Success();
            case ProbeReply.Grpc(var status) ->
                    new Failure(
                            "service unhealthy (responded with " + Json.of(status).text() + ")");
            case ProbeReply.Failed(var message) -> new Failure(message);
        };
    }

    /// A command succeeds with exit code 0; one that takes too long fails.
    static ProbeAnswer of(RuntimeReply reply, List<String> command, Duration timeout) {
        return switch (reply) {
            case RuntimeReply.ExecResult(int exitCode, _) when exitCode == 0 -> new Success();
            case RuntimeReply.ExecResult(_, var output) -> new Failure(output);
            case RuntimeReply.Failed(var why, _) when why == RuntimeReply.Failed.Kind.TIMEOUT ->
                    new Failure(
                            "command timed out: "
                                    + Json.of(String.join(" ", command)).text()
                                    + " timed out after "
                                    + GoDuration.text(timeout));
            case RuntimeReply.Failed(_, var message) -> new Unknown(message);
            default -> throw PodMachine.unexpected("ExecSync", reply);
        };
    }
}
