// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;

/// A registry in memory on a loopback port, which is honest until it is told to lie.
public final class LyingRegistry implements Closeable {
    /// Answers a request in its own way; false to leave it to the honest part.
    public interface Lie {
        boolean tell(HttpExchange exchange) throws IOException;
    }

    /// @param method of HTTP
    /// @param target path and query
    /// @param headers of the request
    public record Seen(String method, String target, Headers headers) {
        @Override
        public String toString() {
            return method + " " + target;
        }
    }

    public final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    final Map<String, byte[]> manifests = new ConcurrentSkipListMap<>();
    final Map<String, String> types = new ConcurrentHashMap<>();
    public final List<Seen> seen = new CopyOnWriteArrayList<>();
    public volatile Lie lie = exchange -> false;
    volatile boolean referrers = true;
    private final Map<String, ByteArrayOutputStream> uploads = new TreeMap<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public LyingRegistry() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    LyingRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String host() {
        return "127.0.0.1:" + port();
    }

    public ImageReference reference(String repository) {
        return new ImageReference(host(), repository, null, null);
    }

    public void add(String name, Descriptor descriptor, byte[] bytes) {
        if (org.dolium.oci.image.MediaTypes.isDocument(descriptor.mediaType())) {
            manifests.put(name, bytes);
            manifests.put(descriptor.digest().toString(), bytes);
            types.put(descriptor.digest().toString(), descriptor.mediaType());
        } else {
            blobs.put(descriptor.digest().toString(), bytes);
        }
    }

    /// Everything of an image in memory, with a tag for the root.
    public void addAll(org.dolium.oci.blob.TestImage images, Descriptor root, String tag) {
        images.content.forEach((digest, bytes) -> {
            blobs.put(digest.toString(), bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            if (text.startsWith("{\"schemaVersion\":2,\"mediaType\":\"")) {
                manifests.put(digest.toString(), bytes);
                types.put(digest.toString(), text.substring(32, text.indexOf('"', 32)));
            }
        });
        add(tag, root, images.content.get(root.digest()));
    }

    public List<String> targets() {
        List<String> targets = new ArrayList<>();
        seen.forEach(request -> targets.add(request.toString()));
        return targets;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = new Headers();
            headers.putAll(exchange.getRequestHeaders());
            seen.add(new Seen(exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers));
            if (!lie.tell(exchange)) {
                honest(exchange);
            }
        }
    }

    private void honest(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        String last = path.substring(path.lastIndexOf('/') + 1);
        boolean read = method.equals("GET") || method.equals("HEAD");
        if (path.contains("/blobs/uploads")) {
            upload(exchange, path, method);
        } else if (path.contains("/manifests/") && read) {
            byte[] bytes = manifests.get(last);
            if (bytes != null) {
                exchange.getResponseHeaders().set("Content-Type", types.get(Digest.of(bytes).toString()));
                exchange.getResponseHeaders().set("Docker-Content-Digest", Digest.of(bytes).toString());
            }
            content(exchange, bytes);
        } else if (path.contains("/manifests/") && method.equals("PUT")) {
            byte[] bytes = exchange.getRequestBody().readAllBytes();
            add(last, Descriptor.of(exchange.getRequestHeaders().getFirst("Content-Type"), bytes), bytes);
            send(exchange, 201, new byte[0]);
        } else if (path.contains("/blobs/") && read) {
            content(exchange, blobs.get(last));
        } else if (path.endsWith("/tags/list")) {
            tags(exchange);
        } else {
            send(exchange, path.equals("/v2/") ? 200 : 404, new byte[0]);
        }
    }

    private void tags(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String last = query.contains("last=") ? query.substring(query.indexOf("last=") + 5) : "";
        List<String> tags = manifests.keySet().stream()
                .filter(tag -> !tag.contains(":") && tag.compareTo(last) > 0)
                .limit(2)
                .toList();
        if (tags.size() == 2) {
            exchange.getResponseHeaders().set("Link", "</v2/x/tags/list?n=2&last=" + tags.get(1) + ">; rel=\"next\"");
        }
        send(exchange, 200, ("{\"name\":\"x\",\"tags\":[" + String.join(",", tags.stream().map(tag -> '"' + tag + '"').toList()) + "]}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private synchronized void upload(HttpExchange exchange, String path, String method) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (method.equals("POST") && query.startsWith("mount=") && blobs.containsKey(query.substring(6, 77))) {
            send(exchange, 201, new byte[0]);
            return;
        }
        String id = method.equals("POST") ? String.valueOf(uploads.size()) : path.substring(path.lastIndexOf('/') + 1);
        ByteArrayOutputStream upload = uploads.computeIfAbsent(id, key -> new ByteArrayOutputStream());
        exchange.getRequestBody().transferTo(upload);
        exchange.getResponseHeaders().set("Location", path.substring(0, path.indexOf("/blobs/")) + "/blobs/uploads/" + id + "?_state=x");
        if (!method.equals("PUT")) {
            if (method.equals("PATCH")) {
                exchange.getResponseHeaders().set("Range", "0-" + (upload.size() - 1));
            }
            send(exchange, 202, new byte[0]);
            return;
        }
        String digest = query.substring(query.indexOf("digest=") + 7);
        boolean right = Digest.of(upload.toByteArray()).toString().equals(digest);
        if (right) {
            blobs.put(digest, upload.toByteArray());
        }
        send(exchange, right ? 201 : 400, new byte[0]);
    }

    /// Content, or a part of it if that is asked for.
    public static void content(HttpExchange exchange, byte[] bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (bytes == null || range == null) {
            send(exchange, bytes == null ? 404 : 200, bytes == null ? new byte[0] : bytes);
            return;
        }
        int from = Integer.parseInt(range.substring(6, range.indexOf('-')));
        exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        send(exchange, 206, java.util.Arrays.copyOfRange(bytes, from, bytes.length));
    }

    public static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /// Leads the client elsewhere.
    static boolean redirect(HttpExchange exchange, int status, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(status, -1);
        return true;
    }

    /// Wants a token.
    static boolean challenge(HttpExchange exchange, String challenge) throws IOException {
        exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
        exchange.sendResponseHeaders(401, -1);
        return true;
    }

    static boolean json(HttpExchange exchange, String json) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        send(exchange, 200, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return true;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
