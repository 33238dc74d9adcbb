/* SPDX-License-Identifier: Apache-2.0
 *
 * A server of the gRPC health protocol, of a stand-in image: whatever the service, it answers
 * SERVING while the file /tmp/healthy exists and NOT_SERVING otherwise. It knows as much of HTTP/2
 * as that takes: it skips requests without decoding them and sends one answer for each stream.
 *
 * https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 * https://www.rfc-editor.org/rfc/rfc9113#name-frame-format
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum frame { DATA = 0, HEADERS = 1, SETTINGS = 4, PING = 6 };
enum flag { ACK = 1, END_STREAM = 1, END_HEADERS = 4 };

static const size_t PREFACE = 24;

static void on_term(int signal) {
    (void)signal;
    _exit(2);
}

static bool receive(int client, void *into, size_t length) {
    return length == 0 || recv(client, into, length, MSG_WAITALL) == (ssize_t)length;
}

static void transmit(int client, enum frame type, int flags, uint32_t stream, const void *payload,
        size_t length) {
    uint8_t frame[9 + 64] = {0, 0, (uint8_t)length, (uint8_t)type, (uint8_t)flags,
        (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    memcpy(frame + 9, payload, length);
    send(client, frame, 9 + length, MSG_NOSIGNAL);
}

/* Headers are written as RFC 7541 has them: indexed, or a literal with its length before it. */
static void answer(int client, uint32_t stream) {
    static const char headers[] = "\x88"                    /* :status: 200 */
                                  "\x0f\x10\x10" "application/grpc"; /* content-type */
    static const char trailers[] = "\x00\x0b" "grpc-status" "\x01" "0";
    bool healthy = access("/tmp/healthy", F_OK) == 0;
    char message[] = {0, 0, 0, 0, 2, 0x08, healthy ? 1 : 2}; /* status = 1 of HealthCheckResponse */
    transmit(client, HEADERS, END_HEADERS, stream, headers, sizeof headers - 1);
    transmit(client, DATA, 0, stream, message, sizeof message);
    transmit(client, HEADERS, END_HEADERS | END_STREAM, stream, trailers, sizeof trailers - 1);
}

static void serve(int client) {
    uint8_t payload[16384], header[9];
    if (!receive(client, payload, PREFACE)) {
        return;
    }
    transmit(client, SETTINGS, 0, 0, "", 0);
    while (receive(client, header, sizeof header)) {
        size_t length = (size_t)header[0] << 16 | (size_t)header[1] << 8 | header[2];
        if (length > sizeof payload || !receive(client, payload, length)) {
            return;
        }
        uint32_t stream;
        memcpy(&stream, header + 5, sizeof stream);
        bool ends = (header[4] & END_STREAM) != 0;
        if (header[3] == SETTINGS && !ends) {
            transmit(client, SETTINGS, ACK, 0, "", 0);
        } else if (header[3] == PING && !ends) {
            transmit(client, PING, ACK, 0, payload, length);
        } else if ((header[3] == DATA || header[3] == HEADERS) && ends) {
            answer(client, ntohl(stream));
        }
    }
}

int main(void) {
    signal(SIGTERM, on_term);
    signal(SIGCHLD, SIG_IGN);
    struct sockaddr_in anywhere = {.sin_family = AF_INET, .sin_port = htons(8080)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&anywhere, sizeof anywhere) != 0
            || listen(listener, 64) != 0) {
        perror("demo-grpc");
        return 1;
    }
    while (true) {
        int client = accept(listener, NULL, NULL);
        if (fork() == 0) {
            serve(client);
            _exit(0);
        }
        close(client);
    }
}
