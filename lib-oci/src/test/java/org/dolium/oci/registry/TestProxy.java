// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A proxy of HTTP, for tunnels and for requests without TLS, which leads all names to ports of this machine.
final class TestProxy implements Closeable {
    /// The heads of the requests.
    final List<String> seen = new CopyOnWriteArrayList<>();
    /// The header that it wants; null for none.
    volatile String wanted;
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final int port;

    /// @param port where everything is led to
    TestProxy(int port) throws IOException {
        this.port = port;
        Thread.ofPlatform().daemon().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    open.add(client);
                    Thread.ofVirtual().start(() -> serve(client));
                } catch (IOException e) { // it is closed
                    return;
                }
            }
        });
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            seen.add(head);
            if (wanted != null && !head.contains("\r\nProxy-Authorization: " + wanted + "\r\n")) {
                write(client, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                        + "Content-Length: 0\r\n\r\n");
                return;
            }
            try (Socket there = new Socket(InetAddress.getLoopbackAddress(), port)) {
                open.add(there);
                if (head.startsWith("CONNECT ")) {
                    write(client, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
                } else { // one request for each connection
                    String rest = head.replaceFirst("^([A-Z]+) http://[^/]*", "$1 ").replaceFirst("\r\nProxy-[^\r]*", "");
                    write(there, rest.replaceFirst("\r\n", "\r\nConnection: close\r\n"));
                }
                Thread.ofVirtual().start(() -> copy(client, there));
                copy(there, client);
            }
        } catch (IOException e) { // the client sees the end of its connection
            return;
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.close();
        } catch (IOException e) { // one of them is closed
            return;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
