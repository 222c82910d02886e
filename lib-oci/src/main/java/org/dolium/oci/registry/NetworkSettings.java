// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// How connections are made.
///
/// @param trust the certificates that are believed; null for the JDK's
/// @param trusts the same for single hosts, by [#authority]
/// @param selector through which proxies the JDK's client goes; null for none
/// @param proxies through what else, by the scheme of what is asked
/// @param allowed which addresses may be connected to; null for all
/// @param resolver finds addresses
record NetworkSettings(
        @Nullable SSLContext trust,
        Map<String, SSLContext> trusts,
        @Nullable ProxySelector selector,
        Map<String, HttpProxy> proxies,
        @Nullable Allowed allowed,
        Resolver resolver) {
    private static final int LONGEST_LINE = 8192;

    /// Whether an address may be connected to.
    interface Allowed {
        boolean test(InetAddress address);
    }

    /// Finds the addresses of a name.
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /// Host and port as a key.
    static String authority(URI uri) {
        String origin = AddressRules.origin(uri);
        return origin.substring(origin.indexOf("://") + 3);
    }

    /// Whether the JDK's client can't make the connection as it has to be made.
    boolean needsTunnel(URI uri) {
        return uri.getScheme().equalsIgnoreCase("https") && (allowed != null || isProxied(uri));
    }

    /// Through what an address is asked, or null.
    @Nullable HttpProxy proxy(URI uri) {
        HttpProxy proxy = proxies.get(uri.getScheme().toLowerCase(Locale.ROOT));
        return proxy != null && proxy.isFor(uri) ? proxy : null;
    }

    private boolean isProxied(URI uri) {
        return proxy(uri) != null;
    }

    /// The addresses of a host; where a proxy finds them, only those that are written as such.
    InetAddress[] addresses(URI uri) throws UnknownHostException {
        return selector != null || isProxied(uri) ? literal(uri) : resolver.resolve(uri.getHost());
    }

    private static InetAddress[] literal(URI uri) {
        try {
            return new InetAddress[] {InetAddress.ofLiteral(uri.getHost())};
        } catch (IllegalArgumentException e) {
            return new InetAddress[0];
        }
    }

    /// A connection to a host: of its addresses the first one that is allowed and answers. The name is resolved once, here.
    Socket connect(String host, int port, Duration patience) throws IOException {
        Deadline deadline = Deadline.after(patience);
        String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
        HttpProxy proxy = proxy(URI.create("https://" + shown + ":" + port));
        if (proxy != null) {
            return proxied(proxy, shown + ":" + port, deadline);
        }
        IOException failure = null;
        for (InetAddress address : resolver.resolve(host)) {
            if (allowed != null && !allowed.test(address)) {
                continue;
            }
            try {
                return connected(new InetSocketAddress(address, port), deadline);
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure != null ? failure : new RefusedException("'" + host + "' has no address that may be connected to");
    }

    private static Socket connected(InetSocketAddress address, Deadline deadline) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, deadline.leftMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            IOException named = e instanceof SocketTimeoutException
                    ? new SocketTimeoutException(address + " did not answer in time")
                    : new ConnectException(address + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    private static Socket proxied(HttpProxy proxy, String authority, Deadline deadline) throws IOException {
        InetSocketAddress place = proxy.place();
        Socket socket = connected(new InetSocketAddress(place.getHostString(), place.getPort()), deadline);
        try {
            String authorization =
                    proxy.credentials() == null ? "" : "Proxy-Authorization: " + proxy.credentials().basic() + "\r\n";
            String request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + authorization + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.setSoTimeout(deadline.leftMillis());
            String status = line(socket.getInputStream());
            if (!status.matches("HTTP/1\\.[01] 200( .*)?")) {
                throw new RefusedException("the proxy " + place.getHostString() + ":" + place.getPort() + " answers with '"
                        + JsonPlace.shown(status, 100) + "' for " + authority);
            }
            while (!line(socket.getInputStream()).isEmpty()) {
                socket.setSoTimeout(deadline.leftMillis());
            }
            socket.setSoTimeout(0);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.length() >= LONGEST_LINE) {
                throw new IOException("the proxy gives no answer of HTTP");
            }
            line.append((char) next);
        }
        return line.toString().trim();
    }
}
