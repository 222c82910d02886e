// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// The JDK's clients, one for each set of certificates that are believed, and the tunnel where one is needed. They are made when they are
/// first used.
final class Connections implements Closeable {
    private static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

    private final NetworkSettings network;
    private final Duration patience;
    private final Map<@Nullable SSLContext, HttpClient> clients = new HashMap<>();
    private @Nullable Tunnel tunnel;
    private boolean closed;

    Connections(NetworkSettings network, Duration patience) {
        this.network = network;
        this.patience = patience;
    }

    CompletableFuture<HttpResponse<InputStream>> send(HttpRequest.Builder request, URI at) throws IOException {
        if (network.allowed() != null && !at.getScheme().equalsIgnoreCase("https")) {
            throw new RefusedException(AddressRules.shown(at) + " is without TLS, which is not used where addresses are checked");
        }
        HttpClient client = client(network.trusts().getOrDefault(NetworkSettings.authority(at), network.trust()));
        HttpProxy proxy = network.proxy(at);
        if (network.needsTunnel(at)) {
            request.setHeader(PROXY_AUTHORIZATION, tunnel().secret());
        } else if (proxy != null && proxy.credentials() != null) {
            request.setHeader(PROXY_AUTHORIZATION, proxy.credentials().basic());
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /// Why a connection was not made, where the tunnel knows better than the client.
    @Nullable IOException failure(URI at) {
        Tunnel used;
        synchronized (this) {
            used = tunnel;
        }
        return used == null ? null : used.failure(NetworkSettings.authority(at));
    }

    private synchronized Tunnel tunnel() throws IOException {
        if (closed) {
            throw new IOException("the client is closed");
        }
        if (tunnel == null) {
            tunnel = new Tunnel(network, patience);
        }
        return tunnel;
    }

    private synchronized HttpClient client(@Nullable SSLContext trust) throws IOException {
        if (closed) {
            throw new IOException("the client is closed");
        }
        HttpClient client = clients.get(trust);
        if (client == null) {
            client = create(trust);
            clients.put(trust, client);
        }
        return client;
    }

    private HttpClient create(@Nullable SSLContext trust) {
        SSLParameters tls = new SSLParameters();
        tls.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience)
                .proxy(network.selector() == null ? new Selector() : network.selector())
                .sslParameters(tls);
        if (trust != null) {
            builder.sslContext(trust);
        }
        return builder.build();
    }

    /// Gives up what is under way.
    @Override
    public void close() {
        List<HttpClient> all;
        Tunnel used;
        synchronized (this) {
            closed = true;
            all = List.copyOf(clients.values());
            used = tunnel;
        }
        for (HttpClient client : all) {
            client.shutdownNow();
        }
        if (used != null) {
            used.close();
        }
        for (HttpClient client : all) {
            client.close();
        }
    }

    /// Through what the JDK's client goes.
    private final class Selector extends ProxySelector {
        @Override
        public List<Proxy> select(URI uri) {
            try {
                HttpProxy proxy = network.proxy(uri);
                if (network.needsTunnel(uri)) {
                    return List.of(new Proxy(Proxy.Type.HTTP, tunnel().address()));
                }
                return proxy == null
                        ? List.of(Proxy.NO_PROXY)
                        : List.of(new Proxy(Proxy.Type.HTTP, resolved(proxy)));
            } catch (IOException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }

        private static InetSocketAddress resolved(HttpProxy proxy) {
            return new InetSocketAddress(proxy.place().getHostString(), proxy.place().getPort());
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException e) {}
    }
}
