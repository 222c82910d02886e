// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The other side of a connection, on a socket of its own, as a test wants it: each connection runs the same script.
public final class Peer implements AutoCloseable {
    /// What the peer does with a connection.
    public interface Script {
        void run(Line line) throws IOException, InterruptedException;
    }

    /// A connection, as the peer has it.
    public record Line(SocketChannel channel) {
        public void send(byte[] bytes) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }

        public void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public byte[] receive(int length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new java.io.EOFException();
                }
            }
            return bytes.array();
        }

        /// Lets the client in as sd-bus does.
        public void authenticate() throws IOException {
            expect("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
            send("DATA\r\n");
            send("OK 0123456789abcdef0123456789abcdef\r\n");
        }

        public void expect(String text) throws IOException {
            String actual = new String(receive(text.length()), StandardCharsets.ISO_8859_1);
            if (!actual.equals(text)) {
                throw new IOException("expected '" + text + "', got '" + actual + "'");
            }
        }

        /// Receives a call.
        public Call call() throws IOException {
            byte[] fixed = receive(Message.FIXED);
            ByteBuffer header = ByteBuffer.wrap(fixed).order(ByteOrder.LITTLE_ENDIAN);
            byte[] whole = java.util.Arrays.copyOf(fixed, Message.length(fixed));
            byte[] rest = receive(whole.length - Message.FIXED);
            System.arraycopy(rest, 0, whole, Message.FIXED, rest.length);
            return new Call(header.getInt(8), Message.parse(whole));
        }
    }

    /// A call that came.
    public record Call(long serial, Message message) {}

    private final ServerSocketChannel server;
    private final Path path;
    private final Thread thread;
    private volatile boolean closed;
    private volatile Throwable failure;

    private Peer(Path path, ServerSocketChannel server, Script script) {
        this.path = path;
        this.server = server;
        this.thread = new Thread(() -> serve(script), "test-peer");
        thread.setDaemon(true);
    }

    public static Peer listen(Path directory, Script script) throws IOException {
        Path path = directory.resolve("socket" + System.nanoTime());
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Peer peer = new Peer(path, server, script);
        peer.thread.start();
        return peer;
    }

    public Path path() {
        return path;
    }

    private void serve(Script script) {
        while (!closed) {
            try (SocketChannel channel = server.accept()) {
                script.run(new Line(channel));
            } catch (IOException | InterruptedException e) {
                failure = closed ? failure : e; // mostly that the client hung up
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    /// What went wrong on the peer's side, for a test that fails.
    public Throwable failure() {
        return failure;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        thread.interrupt();
        server.close();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Files.deleteIfExists(path);
    }
}
