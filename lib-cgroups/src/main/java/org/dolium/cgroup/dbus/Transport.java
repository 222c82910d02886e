// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// A stream over a Unix socket on which every wait has a deadline. A virtual thread that waits leaves its carrier.
final class Transport implements AutoCloseable {
    private static final int LONGEST_LINE = 512;
    private static final int READ_AHEAD = 4096;
    private static final int RETRY_MILLIS = 2;

    private final Path path;
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer arrived = ByteBuffer.allocate(READ_AHEAD).flip();

    private Transport(Path path, SocketChannel channel, Selector selector) throws IOException {
        this.path = path;
        this.channel = channel;
        this.selector = selector;
        this.key = channel.register(selector, 0);
    }

    static Transport connect(Path path, Deadline deadline) throws IOException, InterruptedException {
        SocketChannel channel = connected(path, deadline);
        try {
            Selector selector = Selector.open();
            try {
                return new Transport(path, channel, selector);
            } catch (IOException | RuntimeException e) {
                selector.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// While the queue of a Unix socket is full, connect(2) fails with EAGAIN, and nothing tells when to try again.
    private static SocketChannel connected(Path path, Deadline deadline) throws IOException, InterruptedException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.configureBlocking(false);
                if (channel.connect(address)) {
                    return channel;
                }
                throw new SocketException("not connected at once");
            } catch (SocketException e) {
                channel.close();
                if (e instanceof ConnectException || !Files.isWritable(path) || deadline.passed()) {
                    throw (IOException) new SocketException("connect(" + path + "): " + e.getMessage()).initCause(e);
                }
                Thread.sleep(RETRY_MILLIS);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
    }

    Path path() {
        return path;
    }

    void write(byte[] bytes, Deadline deadline) throws IOException, InterruptedException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            if (channel.write(rest) == 0) {
                await(SelectionKey.OP_WRITE, deadline, "room to write to " + path);
            }
        }
    }

    /// Reads exactly that many bytes. Memory grows only with what has arrived.
    byte[] read(int length, Deadline deadline) throws IOException, InterruptedException {
        byte[] bytes = new byte[Math.min(length, READ_AHEAD)];
        int have = 0;
        while (have < length) {
            fill(deadline, "answer");
            int part = Math.min(arrived.remaining(), length - have);
            if (bytes.length < have + part) {
                bytes = Arrays.copyOf(bytes, Math.min(length, 2 * (have + part)));
            }
            arrived.get(bytes, have, part);
            have += part;
        }
        return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    }

    /// Reads a line that ends with CR and LF, without them.
    String line(Deadline deadline) throws IOException, InterruptedException {
        StringBuilder line = new StringBuilder();
        while (line.length() < LONGEST_LINE) {
            fill(deadline, "answer");
            line.append((char) (arrived.get() & 0xFF));
            int end = line.length() - 2;
            if (end >= 0 && line.charAt(end) == '\r' && line.charAt(end + 1) == '\n') {
                return line.substring(0, end);
            }
        }
        throw new ProtocolException(path + " answers with a line of more than " + LONGEST_LINE + " bytes");
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void fill(Deadline deadline, String what) throws IOException, InterruptedException {
        deadline.millisLeft(what + " from " + path); // also while bytes come: one at a time they could for ever
        while (!arrived.hasRemaining()) {
            arrived.clear();
            int n = channel.read(arrived);
            arrived.flip();
            if (n < 0) {
                throw new EOFException(path + " was closed by its other end");
            }
            if (n == 0) {
                await(SelectionKey.OP_READ, deadline, what + " from " + path);
            }
        }
    }

    private void await(int operation, Deadline deadline, String what) throws IOException, InterruptedException {
        key.interestOps(operation);
        long millis = deadline.millisLeft(what);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        int ready = selector.select(millis);
        selector.selectedKeys().clear();
        if (ready == 0 && !Thread.currentThread().isInterrupted() && deadline.passed()) {
            throw deadline.late(what);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            selector.close();
        } finally {
            channel.close();
        }
    }
}
