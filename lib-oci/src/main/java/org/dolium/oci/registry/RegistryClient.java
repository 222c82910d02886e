// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.Closeable;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.SSLContext;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.registry.RegistrySettings.Mirror;
import org.jspecify.annotations.Nullable;

/// Asks registries. Thread-safe; it has connections and threads until it is closed.
///
/// ```java
/// try (RegistryClient client = RegistryClient.builder().build();
///         ImageSink layout = OciLayout.write(directory)) {
///     ImageReference busybox = ImageReference.parse("busybox:1.36");
///     Repository repository = client.repository(busybox);
///     ImageCopy.copy(repository, repository.resolve(busybox.version()), layout, List.of("1.36"));
/// }
/// ```
///
/// Registries are asked with TLS, except those named `localhost` or by an address of this machine. No file, environment variable or
/// property is read for it.
public final class RegistryClient implements Closeable {
    private final RegistrySettings settings;
    private final Connections connections;
    private final ScheduledExecutorService clock;
    private final Map<String, RegistryCaller> callers = new ConcurrentHashMap<>();
    private final Map<String, RegistryCaller> mirrors = new ConcurrentHashMap<>();

    private RegistryClient(RegistrySettings settings) {
        this.settings = settings;
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name("dolium-registry").unstarted(task));
        scheduler.setRemoveOnCancelPolicy(true);
        clock = scheduler;
        connections = new Connections(settings.network(), settings.connect());
    }

    public static Builder builder() {
        return new Builder();
    }

    /// The repository of a reference; nothing is asked yet.
    public Repository repository(ImageReference reference) {
        List<Place> places = new ArrayList<>();
        RegistrySettings once = settings.forMirrors();
        for (Mirror mirror : settings.mirrors().getOrDefault(reference.registry(), List.of())) {
            RegistryCaller caller = mirrors.computeIfAbsent(
                    mirror.registry(), registry -> new RegistryCaller(registry, once, connections, clock));
            ImageReference there =
                    new ImageReference(mirror.registry(), mirror.prefix() + reference.repository(), null, null);
            places.add(new Place(caller, there, true, mirror.names()));
        }
        RegistryCaller caller = callers.computeIfAbsent(
                reference.registry(), registry -> new RegistryCaller(registry, settings, connections, clock));
        places.add(new Place(caller, reference, false, true));
        return new Repository(places, reference, settings);
    }

    /// Gives up what is under way.
    @Override
    public void close() {
        clock.shutdownNow();
        connections.close();
    }

    /// How registries are asked.
    public static final class Builder {
        private CredentialSource credentials = CredentialSource.NONE;
        private final Set<String> plain = new HashSet<>();
        private final Set<String> tls = new HashSet<>();
        private final Map<String, List<String>> realms = new HashMap<>();
        private final Map<String, List<Mirror>> mirrors = new HashMap<>();
        private final Map<String, SSLContext> trusts = new HashMap<>();
        private final Map<String, HttpProxy> proxies = new HashMap<>();
        private @Nullable SSLContext trust;
        private @Nullable ProxySelector selector;
        private NetworkSettings.@Nullable Allowed allowed;
        private NetworkSettings.Resolver resolver = InetAddress::getAllByName;
        private Duration connect = Duration.ofSeconds(15);
        private Duration patience = Duration.ofSeconds(30);
        private long bytesPerSecond = 1024;
        private Duration whole = Duration.ofHours(6);
        private int tries = 4;
        private Duration pause = Duration.ofMillis(500);
        private int chunk;

        private Builder() {
            realms.put("docker.io", List.of("auth.docker.io"));
        }

        /// Who we are; nobody by default.
        public Builder credentials(CredentialSource source) {
            credentials = source;
            return this;
        }

        /// Asks a registry without TLS: everybody on the way can read and change what is sent, except digests.
        public Builder withoutTls(String registry) {
            plain.add(registry);
            return this;
        }

        /// Asks a registry on this machine with TLS.
        public Builder withTls(String registry) {
            tls.add(registry);
            return this;
        }

        /// Lets a host see the credentials for a registry, where its tokens come from elsewhere.
        public Builder trustRealm(String registry, String host) {
            List<String> hosts = new ArrayList<>(realms.getOrDefault(registry, List.of()));
            hosts.add(host);
            realms.put(registry, hosts);
            return this;
        }

        /// Reads content of a registry first from a mirror: `host:port`, or `host:port/name` if its repositories are below that name
        /// there. Several are asked in the order in which they were added, and the registry itself last; what fails at one is
        /// asked for at the next. A mirror is asked for digests only, so it can't decide what a tag stands for. It
        /// gets no credentials but those for its own name.
        public Builder mirror(String registry, String place) {
            return mirror(registry, Mirror.of(place, false));
        }

        /// The same with a mirror that is also believed about what tags stand for.
        public Builder mirrorWithTags(String registry, String place) {
            return mirror(registry, Mirror.of(place, true));
        }

        private Builder mirror(String registry, Mirror mirror) {
            List<Mirror> all = new ArrayList<>(mirrors.getOrDefault(registry, List.of()));
            all.add(mirror);
            mirrors.put(registry, all);
            return this;
        }

        /// The certificates that are believed, instead of the JDK's.
        public Builder trust(SSLContext context) {
            trust = context;
            return this;
        }

        /// The certificates that are believed of one host, with its port if that is not 443: of a registry, or of where it leads. See
        /// [PemFiles].
        public Builder trust(String registry, SSLContext context) {
            trusts.put(NetworkSettings.authority(URI.create("https://" + RegistrySettings.host(registry))), context);
            return this;
        }

        /// Through which proxies the JDK's client goes. It sends proxies no password.
        public Builder proxy(ProxySelector choice) {
            selector = choice;
            return this;
        }

        /// Through which proxy.
        public Builder proxy(HttpProxy through) {
            return proxy("https", through).proxy("http", through);
        }

        /// Through which proxy what has this scheme is asked, `https` or `http`.
        public Builder proxy(String scheme, HttpProxy through) {
            proxies.put(scheme, through);
            return this;
        }

        /// Connects to addresses of the public network only, and only with TLS: for programs that are told by others which registries to
        /// ask. It is the address of the connection that is looked at, so names that change don't get around it; for that,
        /// connections go through a port of the loopback address, which is closed to others by a secret. Where a proxy
        /// resolves names it has to see to this.
        public Builder publicAddressesOnly() {
            return addresses(AddressRange::isPublic, resolver);
        }

        Builder addresses(NetworkSettings.@Nullable Allowed rule, NetworkSettings.Resolver names) {
            allowed = rule;
            resolver = names;
            return this;
        }

        /// How long one document, list or blob may take, with all tries; six hours by default, and never more than five minutes for what
        /// is not a blob.
        public Builder deadline(Duration most) {
            whole = most;
            return this;
        }

        /// How long a connection may take, and how long nothing or too little may come afterwards.
        public Builder timeouts(Duration connection, Duration silence) {
            connect = connection;
            patience = silence;
            return this;
        }

        /// The least speed, on the average of the time that nothing may come.
        public Builder leastBytesPerSecond(long bytes) {
            bytesPerSecond = bytes;
            return this;
        }

        /// How often a request is sent at most, and the pause before the second time, which doubles.
        public Builder tries(int most, Duration firstPause) {
            tries = most;
            pause = firstPause;
            return this;
        }

        /// Uploads blobs in parts of so many bytes, each of which is kept in memory and can be sent again.
        public Builder uploadChunks(int bytes) {
            chunk = bytes;
            return this;
        }

        /// @throws IllegalArgumentException if a value makes no sense
        public RegistryClient build() {
            boolean good = tries > 0 && chunk >= 0 && bytesPerSecond >= 0 && !pause.isNegative();
            if (!good || !connect.isPositive() || !patience.isPositive() || !whole.isPositive()) {
                throw new IllegalArgumentException("tries and times must be positive");
            }
            if (selector != null && (!proxies.isEmpty() || allowed != null)) {
                throw new IllegalArgumentException("a ProxySelector goes neither with a proxy nor with public addresses only");
            }
            NetworkSettings network =
                    new NetworkSettings(trust, Map.copyOf(trusts), selector, Map.copyOf(proxies), allowed, resolver);
            return new RegistryClient(new RegistrySettings(
                    credentials, Set.copyOf(plain), Set.copyOf(tls), Map.copyOf(realms), Map.copyOf(mirrors), network, connect,
                    patience, bytesPerSecond, whole, tries, pause, chunk));
        }
    }
}
