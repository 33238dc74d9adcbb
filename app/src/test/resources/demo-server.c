/* SPDX-License-Identifier: Apache-2.0
 *
 * The web server of the stand-in images, of which each is known by its health:
 *
 *   GET /readiness  200 while the file /tmp/healthy exists, else 500
 *   GET /ready      200 once READY_AFTER seconds have passed since the start (20), before that 500
 *   GET /healthz    200 for the first HEALTHY_FOR seconds (40), then 500
 *   anything else   200 and the host's name; the request is printed, too
 *
 * It listens on PORT (8080), and answers every datagram there with the host's name. SIGUSR1 closes the port for good, SIGTERM ends with code 2, as a Go
 * program does that knows nothing of signals and is a container's first process.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t closed;
static struct timespec started;

static void on_signal(int signal) {
    if (signal == SIGTERM) {
        _exit(2);
    }
    closed = 1;
}

static void heed(int signal) {
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART: accept returns */
    sigaction(signal, &action, NULL);
}

static double setting(const char *name, double usual) {
    const char *text = getenv(name);
    return text == NULL ? usual : strtod(text, NULL);
}

static double age(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - started.tv_sec) + (double)(now.tv_nsec - started.tv_nsec) / 1e9;
}

static int bind_to(int port, int type) {
    struct sockaddr_in anywhere = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int socket_of_type = socket(AF_INET, type, 0);
    int yes = 1;
    setsockopt(socket_of_type, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(socket_of_type, (struct sockaddr *)&anywhere, sizeof anywhere) != 0
            || (type == SOCK_STREAM && listen(socket_of_type, 512) != 0)) {
        perror("demo-server");
        exit(1);
    }
    return socket_of_type;
}

/* Reads up to the empty line that ends a request; false if the client leaves or says nothing. */
static bool read_request(int client, char *request, size_t size) {
    struct timeval patience = {.tv_sec = 10};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    size_t length = 0;
    while (length < size - 1) {
        ssize_t count = read(client, request + length, size - 1 - length);
        if (count <= 0) {
            return false;
        }
        length += (size_t)count;
        request[length] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL) {
            return true;
        }
    }
    return false;
}

static bool asks_for(const char *request, const char *path) {
    const char *target = strchr(request, ' ');
    size_t length = strlen(path);
    return target != NULL && strncmp(target + 1, path, length) == 0
            && strchr(" ?", target[1 + length]) != NULL;
}

static bool is_well(const char *request) {
    if (asks_for(request, "/readiness")) {
        return access("/tmp/healthy", F_OK) == 0;
    }
    if (asks_for(request, "/ready")) {
        return age() >= setting("READY_AFTER", 20);
    }
    if (asks_for(request, "/healthz")) {
        return age() < setting("HEALTHY_FOR", 40);
    }
    printf("%.*s\n", (int)strcspn(request, "\r"), request);
    fflush(stdout);
    return true;
}

static void answer(int client) {
    char request[8192];
    if (!read_request(client, request, sizeof request)) {
        return;
    }
    char host[256], response[512];
    gethostname(host, sizeof host);
    bool well = is_well(request);
    const char *body = well ? host : "not well";
    int length = snprintf(response, sizeof response,
            "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
            "Connection: close\r\n\r\n%s\n",
            well ? "200 OK" : "500 Internal Server Error", strlen(body) + 1, body);
    send(client, response, (size_t)length, MSG_NOSIGNAL);
}

static void answer_datagram(int datagrams) {
    char ignored[1], host[256];
    struct sockaddr_in sender;
    socklen_t size = sizeof sender;
    if (recvfrom(datagrams, ignored, sizeof ignored, 0, (struct sockaddr *)&sender, &size) >= 0) {
        gethostname(host, sizeof host);
        sendto(datagrams, host, strlen(host), 0, (struct sockaddr *)&sender, size);
    }
}

static void *serve(void *client) {
    sigset_t for_main;
    sigemptyset(&for_main);
    sigaddset(&for_main, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &for_main, NULL);
    answer((int)(intptr_t)client);
    close((int)(intptr_t)client);
    return NULL;
}

/* Each client has a thread: on a busy machine one may connect and speak a good while later. */
static void answer_next(int listener) {
    int client = accept(listener, NULL, NULL);
    pthread_t thread;
    if (client >= 0) {
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0) {
            pthread_detach(thread);
        } else {
            close(client);
        }
    } else if (errno != EINTR && errno != ECONNABORTED) {
        perror("demo-server");
        exit(1);
    }
}

int main(void) {
    clock_gettime(CLOCK_MONOTONIC, &started);
    heed(SIGTERM);
    heed(SIGUSR1);
    int port = (int)setting("PORT", 8080);
    struct pollfd sockets[] = {
        {.fd = bind_to(port, SOCK_STREAM), .events = POLLIN},
        {.fd = bind_to(port, SOCK_DGRAM), .events = POLLIN},
    };
    while (!closed) {
        if (poll(sockets, 2, -1) > 0) {
            if (sockets[0].revents != 0) {
                answer_next(sockets[0].fd);
            }
            if (sockets[1].revents != 0) {
                answer_datagram(sockets[1].fd);
            }
        }
    }
    close(sockets[0].fd);
    while (true) {
        pause();
    }
}
