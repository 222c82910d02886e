// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Whatever a peer does, the client ends with a clear error, within its deadline and with little memory.
@ExtendWith(LeakCheck.class)
class HostilePeerTest {
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Bus.Listener DEAF = message -> {};

    @TempDir
    Path directory;

    /// The JDK keeps a socket of its own from the first time on that a channel in use is closed.
    @BeforeAll
    static void first_use_of_sockets(@TempDir Path elsewhere) throws IOException {
        Peer.listen(elsewhere, line -> {}).close();
    }

    private static MethodCall anyCall() {
        return new MethodCall("a.b", "/", "i.f", "Method", "", new WireWriter());
    }

    /// Connects and calls, within the deadline and what a busy machine takes; gives what was thrown.
    private Throwable failure(Duration limit, Peer.Script script) throws Exception {
        try (Peer peer = Peer.listen(directory, script)) {
            return failure(limit, peer.path());
        }
    }

    private static Throwable failure(Duration limit, Path socket) {
        Throwable[] thrown = new Throwable[1];
        long start = System.nanoTime();
        try {
            Deadline deadline = Deadline.in(limit);
            try (Bus bus = Bus.connect(socket, false, DEAF, deadline)) {
                bus.call(anyCall(), deadline);
            }
        } catch (IOException | InterruptedException e) {
            thrown[0] = e;
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(limit.plusSeconds(15));
        return thrown[0];
    }

    private Throwable answer(byte[] bytes) throws Exception {
        return failure(LONG, line -> {
            line.authenticate();
            line.call();
            line.send(bytes);
            line.receive(1);
        });
    }

    @Test
    void silence_after_the_connection() throws Exception {
        assertThat(failure(SHORT, line -> line.receive(1000)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageMatching("no answer from .*socket\\d+ within 400 ms");
    }

    @Test
    void silence_after_a_call() throws Exception {
        assertThat(failure(SHORT, line -> {
            line.authenticate();
            line.receive(100_000);
        })).isInstanceOf(SocketTimeoutException.class);
    }

    /// One byte at a time, forever, of an answer that never becomes whole.
    @Test
    void a_slow_drip() throws Exception {
        assertThat(failure(SHORT, line -> {
            line.authenticate();
            line.call();
            byte[] reply = Messages.reply(77, "", "s", new WireWriter().string("x".repeat(500_000)));
            for (int i = 0; i < 5000; i++) {
                line.send(new byte[] {reply[i]});
                Thread.sleep(1);
            }
        })).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void a_flood_of_other_messages() throws Exception {
        assertThat(failure(SHORT, line -> {
            line.authenticate();
            line.call();
            byte[] signal = Messages.signal("i.f", "Other", "", "", new WireWriter());
            for (int i = 0; i < 10_000_000; i++) {
                line.send(signal);
            }
        })).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void a_line_without_end() throws Exception {
        assertThat(failure(LONG, line -> {
            line.send("O".repeat(100_000));
            line.receive(1);
        })).isInstanceOf(ProtocolException.class).hasMessageContaining("more than 512 bytes");
    }

    @Test
    void a_refusal_to_authenticate() throws Exception {
        assertThat(failure(LONG, line -> {
            line.send("REJECTED EXTERNAL DBUS_COOKIE_SHA1\r\n");
            line.receive(100);
        })).isInstanceOf(ProtocolException.class).hasMessageContaining("did not authenticate this user: 'REJECTED");
    }

    @Test
    void an_endless_demand_for_data() throws Exception {
        assertThat(failure(LONG, line -> {
            line.send("DATA\r\nDATA\r\nDATA\r\n");
            line.receive(100);
        })).isInstanceOf(ProtocolException.class);
    }

    @Test
    void the_end_at_once_in_a_line_and_in_a_message() throws Exception {
        assertThat(failure(LONG, line -> {})).isInstanceOf(IOException.class);
        assertThat(failure(LONG, line -> {
            line.receive(10);
            line.send("OK");
        })).isInstanceOf(IOException.class);
        byte[] reply = Messages.reply(1, "", "s", new WireWriter().string("text"));
        for (int length = 0; length < reply.length; length++) {
            byte[] part = java.util.Arrays.copyOf(reply, length);
            assertThat(failure(LONG, line -> {
                line.authenticate();
                line.call();
                line.send(part);
            })).isInstanceOf(EOFException.class).hasMessageContaining("was closed by its other end");
        }
    }

    @Test
    void a_big_endian_message() throws Exception {
        byte[] reply = Messages.reply(1, "", "", new WireWriter());
        reply[0] = 'B';
        assertThat(answer(reply)).isInstanceOf(ProtocolException.class).hasMessageContaining("big-endian");
    }

    @Test
    void no_message_at_all() throws Exception {
        assertThat(answer("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("no D-Bus message of version 1");
    }

    @Test
    void a_message_of_128_mib_and_of_4_gib() throws Exception {
        for (int length : new int[] {128 << 20, -1, Message.LONGEST}) {
            WireWriter header = new WireWriter().u8('l').u8(2).u8(0).u8(1).i32(length).u32(1).u32(0);
            assertThat(answer(header.bytes())).isInstanceOf(ProtocolException.class).hasMessageContaining("bytes: more than");
            WireWriter fields = new WireWriter().u8('l').u8(2).u8(0).u8(1).u32(0).u32(1).i32(length);
            assertThat(answer(fields.bytes())).isInstanceOf(ProtocolException.class);
        }
    }

    /// No array of that length can be made, so this would fail otherwise if it were made at once.
    @Test
    void a_promised_message_costs_no_memory_before_it_comes() throws Exception {
        try (Peer peer = Peer.listen(directory, line -> line.receive(1));
                Transport transport = Transport.connect(peer.path(), Deadline.in(SHORT))) {
            assertThatThrownBy(() -> transport.read(Integer.MAX_VALUE, Deadline.in(SHORT)))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void header_fields_that_end_nowhere() throws Exception {
        byte[] reply = Messages.reply(1, "", "s", new WireWriter().string("x"));
        reply[12] += 8; // the fields reach into the body
        assertThat(answer(java.util.Arrays.copyOf(reply, reply.length + 8))).isInstanceOf(ProtocolException.class);
    }

    @Test
    void an_error_is_told_by_name_and_text() throws Exception {
        assertThat(answer(Messages.error(1, "", "org.x.Error.No", "not you")))
                .isInstanceOf(DbusErrorException.class)
                .hasMessage("Method: org.x.Error.No: not you");
    }

    /// connect(2) itself waits while the queue is full.
    @Test
    void a_server_that_accepts_nobody() throws Exception {
        Path path = directory.resolve("full");
        List<SocketChannel> queue = new ArrayList<>();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            for (int i = 0; i < 2; i++) {
                queue.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
            }
            assertThat(failure(SHORT, path)).isInstanceOf(IOException.class).hasMessageContaining("connect(" + path);
        } finally {
            for (SocketChannel channel : queue) {
                channel.close();
            }
        }
    }

    @Test
    void a_socket_that_is_missing_or_dead_fails_at_once() throws Exception {
        assertThat(failure(LONG, directory.resolve("missing"))).hasMessageContaining("missing): No such file");
        Peer peer = Peer.listen(directory, line -> {});
        Path path = directory.resolve("dead");
        java.nio.file.Files.move(peer.path(), path);
        peer.close();
        assertThat(failure(LONG, path)).hasMessageContaining("dead): Connection refused");
    }

    @Test
    void an_interrupt_ends_a_wait() throws Exception {
        try (Peer peer = Peer.listen(directory, line -> line.receive(1000))) {
            Thread waiter = Thread.currentThread();
            Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                waiter.interrupt();
            });
            assertThatThrownBy(() -> Bus.connect(peer.path(), false, DEAF, Deadline.in(LONG)).close())
                    .isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    /// More waiters than there are carriers; somebody else still gets to run.
    @Test
    void waiting_virtual_threads_leave_their_carriers() throws Exception {
        int many = 4 * Runtime.getRuntime().availableProcessors();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path path = directory.resolve("silent");
            server.bind(UnixDomainSocketAddress.of(path), many);
            List<Thread> waiters = new ArrayList<>();
            CountDownLatch ended = new CountDownLatch(many);
            for (int i = 0; i < many; i++) {
                waiters.add(Thread.ofVirtual().start(() -> {
                    failure(Duration.ofSeconds(8), path);
                    ended.countDown();
                }));
            }
            Thread.sleep(300);
            FutureTask<Long> waiting = new FutureTask<>(ended::getCount);
            Thread.ofVirtual().start(waiting);
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(many);
            for (Thread waiter : waiters) {
                waiter.join();
            }
        }
    }
}
