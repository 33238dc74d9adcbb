// SPDX-License-Identifier: Apache-2.0
package dev.coracle.host.net;

import dev.coracle.core.net.Endpoint;
import dev.coracle.core.net.StaleFlows.Flow;
import dev.coracle.host.libc.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The kernel's memory of UDP flows, over a netlink socket of our own: the program `conntrack` is
/// rarely installed, and rules of nftables cannot make the kernel forget.
///
/// <https://docs.kernel.org/userspace-api/netlink/intro.html>,
/// <https://git.netfilter.org/libnetfilter_conntrack/>
final class Flows {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOSE_ON_EXEC = 3 | 0x80000;
    private static final int NETLINK_NETFILTER = 12;
    private static final short GET = 1 << 8 | 1;
    private static final short DELETE = 1 << 8 | 2;
    private static final short REQUEST = 1;
    private static final short ACKNOWLEDGE = 4;
    private static final short DUMP = 0x300;
    private static final short ERROR = 2;
    private static final short DONE = 3;
    private static final byte AF_INET = 2;
    private static final int UDP = 17;
    private static final int ENOENT = 2;
    private static final int HEADER_BYTES = 16;
    private static final int FAMILY_BYTES = 4;
    private static final int BUFFER_BYTES = 1 << 17;

    /// Numbers of attributes: of a flow, of a tuple, of its addresses and of its ports.
    private static final int ORIGINAL = 1;

    private static final int REPLY = 2;
    private static final int ZONE = 18;
    private static final int ADDRESSES = 1;
    private static final int PORTS = 2;
    private static final int SOURCE_IP = 1;
    private static final int DESTINATION_IP = 2;
    private static final int PROTOCOL = 1;
    private static final int SOURCE_PORT = 2;
    private static final int DESTINATION_PORT = 3;
    private static final int TYPE_MASK = 0x3fff;

    private static final MethodHandle SOCKET =
            Libc.function(
                    "socket",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle SEND = transfer("send");
    private static final MethodHandle RECEIVE = transfer("recv");

    private Flows() {}

    private static MethodHandle transfer(String name) {
        return Libc.function(
                name,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT));
    }

    /// A flow with what the kernel knows it by: whole attributes, as they were read.
    private record Known(Flow flow, byte[] original, byte[] zone) {}

    /// Forgets the flows of UDP over IPv4 that are `stale`.
    ///
    /// @throws IOException with errno if the kernel refuses
    static void forget(Predicate<Flow> stale) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var socket = new Socket(arena);
            try {
                socket.send(message(GET, (short) (REQUEST | DUMP), new byte[0], new byte[0]));
                for (var known : socket.flows()) {
                    if (stale.test(known.flow())) {
                        socket.send(
                                message(
                                        DELETE,
                                        (short) (REQUEST | ACKNOWLEDGE),
                                        known.original(),
                                        known.zone()));
                        socket.acknowledged();
                    }
                }
            } finally {
                socket.close();
            }
        }
    }

    /// Checks that netlink can be spoken.
    ///
    /// @throws IOException with errno if it cannot
    static void requireNetlink() throws IOException {
        try (var arena = Arena.ofConfined()) {
            new Socket(arena).close();
        }
    }

    private static ByteBuffer message(short type, short flags, byte[] one, byte[] other) {
        int size = HEADER_BYTES + FAMILY_BYTES + one.length + other.length;
        var message = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        message.putInt(size).putShort(type).putShort(flags).putInt(1).putInt(0);
        message.put(AF_INET).put((byte) 0).putShort((short) 0);
        return message.put(one).put(other).flip();
    }

    /// One netlink socket. Its calls return at once: the kernel answers while it is asked.
    private static final class Socket {
        private final MemorySegment state;
        private final MemorySegment buffer;
        private final int descriptor;

        Socket(Arena arena) throws IOException {
            state = Libc.state(arena);
            buffer = arena.allocate(BUFFER_BYTES);
            descriptor = open();
        }

        private int open() throws IOException {
            try {
                return (int)
                        checked(
                                (int)
                                        SOCKET.invokeExact(
                                                state,
                                                AF_NETLINK,
                                                SOCK_RAW_CLOSE_ON_EXEC,
                                                NETLINK_NETFILTER));
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("socket(2) could not be called", e);
            }
        }

        void send(ByteBuffer message) throws IOException {
            int size = message.remaining();
            buffer.asByteBuffer().put(message);
            try {
                checked((long) SEND.invokeExact(state, descriptor, buffer, (long) size, 0));
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("send(2) could not be called", e);
            }
        }

        /// Some messages of the kernel.
        private ByteBuffer receive() throws IOException {
            try {
                long size =
                        checked(
                                (long)
                                        RECEIVE.invokeExact(
                                                state, descriptor, buffer, (long) BUFFER_BYTES, 0));
                return buffer.asSlice(0, size).asByteBuffer().order(ByteOrder.nativeOrder());
            } catch (IOException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("recv(2) could not be called", e);
            }
        }

        private long checked(long result) throws IOException {
            if (result < 0) {
                throw new IOException("netlink: errno %d".formatted(Libc.errno(state)));
            }
            return result;
        }

        /// Everything until the kernel says that it was all.
        List<Known> flows() throws IOException {
            var flows = new ArrayList<Known>();
            while (true) {
                var messages = receive();
                while (messages.remaining() >= HEADER_BYTES) {
                    int size = messages.getInt(messages.position());
                    short type = messages.getShort(messages.position() + 4);
                    if (type == DONE) {
                        return flows;
                    }
                    if (type == ERROR) {
                        throw refused(messages);
                    }
                    var attributes =
                            messages.slice(
                                            messages.position() + HEADER_BYTES + FAMILY_BYTES,
                                            size - HEADER_BYTES - FAMILY_BYTES)
                                    .order(ByteOrder.nativeOrder());
                    var known = known(attributes);
                    if (known != null) {
                        flows.add(known);
                    }
                    messages.position(
                            Math.min(messages.limit(), messages.position() + aligned(size)));
                }
            }
        }

        /// A flow may have ended by itself meanwhile.
        void acknowledged() throws IOException {
            var message = receive();
            int error = -message.getInt(HEADER_BYTES);
            if (error != 0 && error != ENOENT) {
                throw refused(message);
            }
        }

        private static IOException refused(ByteBuffer message) {
            return new IOException(
                    "netlink: errno %d"
                            .formatted(-message.getInt(message.position() + HEADER_BYTES)));
        }

        void close() {
            Libc.close(descriptor);
        }
    }

    private static int aligned(int size) {
        return size + 3 & ~3;
    }

    /// Null for what is not UDP.
    private static @Nullable Known known(ByteBuffer attributes) {
        var original = attribute(attributes, ORIGINAL);
        var reply = attribute(attributes, REPLY);
        if (original == null || reply == null) {
            return null;
        }
        var ports = attribute(original, PORTS);
        var protocol = ports == null ? null : attribute(ports, PROTOCOL);
        if (protocol == null || protocol.get(0) != UDP) {
            return null;
        }
        var destination = endpoint(original, DESTINATION_IP, DESTINATION_PORT);
        var answering = endpoint(reply, SOURCE_IP, SOURCE_PORT);
        return destination == null || answering == null
                ? null
                : new Known(
                        new Flow(destination, answering),
                        whole(attributes, ORIGINAL),
                        whole(attributes, ZONE));
    }

    private static @Nullable Endpoint endpoint(ByteBuffer tuple, int ipType, int portType) {
        var ips = attribute(tuple, ADDRESSES);
        var ports = attribute(tuple, PORTS);
        var ip = ips == null ? null : attribute(ips, ipType);
        var port = ports == null ? null : attribute(ports, portType);
        if (ip == null || port == null) {
            return null;
        }
        var text =
                "%d.%d.%d.%d"
                        .formatted(
                                ip.get(0) & 0xff,
                                ip.get(1) & 0xff,
                                ip.get(2) & 0xff,
                                ip.get(3) & 0xff);
        return new Endpoint(text, ((port.get(0) & 0xff) << 8) | (port.get(1) & 0xff));
    }

    /// The content of the first attribute of a type, null when there is none.
    private static @Nullable ByteBuffer attribute(ByteBuffer attributes, int type) {
        int at = find(attributes, type);
        return at < 0
                ? null
                : attributes
                        .slice(at + 4, attributes.getShort(at) - 4)
                        .order(ByteOrder.nativeOrder());
    }

    /// The whole attribute, its header included; empty when there is none.
    private static byte[] whole(ByteBuffer attributes, int type) {
        int at = find(attributes, type);
        if (at < 0) {
            return new byte[0];
        }
        var bytes = new byte[aligned(attributes.getShort(at))];
        attributes.get(at, bytes, 0, attributes.getShort(at));
        return bytes;
    }

    private static int find(ByteBuffer attributes, int type) {
        int at = 0;
        while (at + 4 <= attributes.limit()) {
            int size = attributes.getShort(at);
            if ((attributes.getShort(at + 2) & TYPE_MASK) == type) {
                return at;
            }
            if (size < 4) {
                return -1;
            }
            at += aligned(size);
        }
        return -1;
    }
}
