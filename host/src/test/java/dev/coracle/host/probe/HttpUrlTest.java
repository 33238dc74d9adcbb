// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.core.kubelet.ProbeCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Expected URLs are what Go makes of the same fields.
class HttpUrlTest {

    private static HttpUrl url(String host, String path) {
        return HttpUrl.of(
                new ProbeCall.HttpGet(
                        ProbeCall.Scheme.HTTP, host, 80, path, List.of(), Duration.ofSeconds(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "/healthz, /healthz",
        "healthz, /healthz",
        "'', /",
        "/a?b=c&d, /a?b=c&d",
        "/a b/ü, /a%20b/%C3%BC",
        "/a%2Fb, /a%2Fb",
        "/a%zz?b, /a%25zz%3Fb",
        "/a[1](x)!, /a[1](x)!",
        "/x#top, /x",
        "//other/x, /x",
        "http://other:1/x?y, /x?y",
        "?q, /?q",
    })
    void thePathIsAUrlOfItsOwn(String path, String target) {
        assertThat(url("10.1.0.5", path).requestTarget()).isEqualTo(target);
    }

    @Test
    void aPortIsShownEvenIfItIsTheUsualOne() {
        assertThat(url("10.1.0.5", "/x#y")).hasToString("http://10.1.0.5:80/x#y");
        assertThat(url("fd00::1", "/")).hasToString("http://[fd00::1]:80/");
    }

    @ParameterizedTest
    @CsvSource({
        "/x, http://10.1.0.5:80/x",
        "x, http://10.1.0.5:80/a/x",
        "../x/./y, http://10.1.0.5:80/x/y",
        "../../../x, http://10.1.0.5:80/x",
        "., http://10.1.0.5:80/a/",
        "?z, http://10.1.0.5:80/a/b?z",
        "#z, http://10.1.0.5:80/a/b?q#z",
        "//h/x, http://h/x",
        "https://h, https://h",
        "HTTP://u:p@h:81/x, http://h:81/x",
        "http://h:/x, http://h/x",
    })
    void aLocationLeadsOn(String location, String target) throws CheckFailed {
        assertThat(url("10.1.0.5", "/a/b?q").resolve(location)).hasToString(target);
    }

    @ParameterizedTest
    @CsvSource({"http://h/, h, 80", "https://h, h, 443", "http://[::1]:8/, ::1, 8"})
    void hostAndPortAreTakenApart(String location, String host, int port) throws CheckFailed {
        var url = url("10.1.0.5", "/").resolve(location);

        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
    }
}
