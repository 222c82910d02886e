// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A proxy of our own, in this JVM, through which the JDK's client makes its connections of TLS where it can't make them as they have
/// to be made: to an address that was looked at, or through a proxy that wants a password (the JDK sends none by default).
///
/// TLS goes through it unopened. It listens on the loopback address and serves only who knows its secret, which is the client of
/// this JVM.
final class Tunnel implements Closeable {
    private static final int LONGEST_HEAD = 16 << 10;
    private static final int MOST_FAILURES = 1000;

    private final NetworkSettings network;
    private final Duration patience;
    private final ServerSocket server;
    private final String secret;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<String, IOException> failures = new ConcurrentHashMap<>();

    /// @param patience how long a connection may take
    Tunnel(NetworkSettings network, Duration patience) throws IOException {
        this.network = network;
        this.patience = patience;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        secret = "Dolium " + HexFormat.of().formatHex(random);
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofPlatform().daemon().name("dolium-tunnel").start(this::accept);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /// What the client sends as `Proxy-Authorization`.
    String secret() {
        return secret;
    }

    /// Why there was no connection to a host and port, said once.
    @Nullable IOException failure(String authority) {
        return failures.remove(authority);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) { // it is closed, or out of descriptors: then a later one may come through
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            client.setSoTimeout((int) Math.min(Integer.MAX_VALUE, patience.toMillis()));
            InputStream in = client.getInputStream();
            String head = head(in);
            String authority = authority(head);
            if (authority == null) {
                answer(client, "407 Proxy Authentication Required");
                return;
            }
            try (Socket there = connected(authority)) {
                answer(client, "200 OK");
                client.setSoTimeout(0);
                copyBothWays(client, there);
            }
        } catch (IOException e) { // the client sees that its connection is closed
            open.remove(client);
        } finally {
            open.remove(client);
        }
    }

    private static void answer(Socket client, String status) throws IOException {
        client.getOutputStream().write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /// The lines until an empty one, byte by byte, as what follows is not ours.
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
            int next = in.read();
            if (next < 0 || head.length() >= LONGEST_HEAD) {
                throw new IOException("this is no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /// Host and port that are asked for, if the secret is right.
    private @Nullable String authority(String head) {
        String[] lines = head.split("\r\n", -1);
        String[] request = lines[0].split(" ", -1);
        boolean known = false;
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).equalsIgnoreCase("Proxy-Authorization")) {
                byte[] given = line.substring(colon + 1).trim().getBytes(StandardCharsets.ISO_8859_1);
                known |= MessageDigest.isEqual(given, secret.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return known && request.length == 3 && request[0].equals("CONNECT") ? request[1] : null;
    }

    private Socket connected(String authority) throws IOException {
        try {
            int colon = authority.lastIndexOf(':');
            String host = authority.substring(0, colon);
            int port = Integer.parseInt(authority.substring(colon + 1));
            Socket socket = network.connect(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port, patience);
            open.add(socket);
            if (server.isClosed()) {
                socket.close();
            }
            return socket;
        } catch (IOException e) {
            if (failures.size() < MOST_FAILURES) {
                failures.put(authority, e);
            }
            throw e;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("'" + authority + "' is no host and port", e);
        }
    }

    /// Until one side has ended. Clients of HTTP don't end their side alone.
    private void copyBothWays(Socket client, Socket there) throws IOException {
        Thread back = Thread.ofVirtual().start(() -> {
            try {
                copy(there, client);
                client.shutdownOutput();
            } catch (IOException e) {
                close(client);
            }
        });
        try {
            copy(client, there);
        } finally {
            open.remove(there);
            close(there);
            join(back);
        }
    }

    private static void copy(Socket from, Socket to) throws IOException {
        byte[] buffer = new byte[1 << 16];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            out.write(buffer, 0, read);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) { // nobody interrupts it
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) { // then it is closed as well
            return;
        }
    }

    @Override
    public void close() {
        close(server);
        for (Socket socket : open) {
            close(socket);
        }
    }
}
