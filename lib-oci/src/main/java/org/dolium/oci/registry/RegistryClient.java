// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.Closeable;
import java.net.ProxySelector;
import java.net.http.HttpClient;
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
import javax.net.ssl.SSLParameters;
import org.dolium.oci.image.ImageReference;
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
    private final HttpClient http;
    private final ScheduledExecutorService clock;
    private final Map<String, RegistryCaller> callers = new ConcurrentHashMap<>();

    private RegistryClient(RegistrySettings settings) {
        this.settings = settings;
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().daemon().name("dolium-registry").unstarted(task));
        scheduler.setRemoveOnCancelPolicy(true);
        clock = scheduler;
        SSLParameters tls = new SSLParameters();
        tls.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connect())
                .proxy(settings.proxy() == null ? HttpClient.Builder.NO_PROXY : settings.proxy())
                .sslParameters(tls);
        if (settings.trust() != null) {
            builder.sslContext(settings.trust());
        }
        http = builder.build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /// The repository of a reference; nothing is asked yet.
    public Repository repository(ImageReference reference) {
        RegistryCaller caller = callers.computeIfAbsent(
                reference.registry(), registry -> new RegistryCaller(registry, settings, http, clock));
        return new Repository(caller, reference, settings);
    }

    /// Gives up what is under way.
    @Override
    public void close() {
        clock.shutdownNow();
        http.shutdownNow();
        http.close();
    }

    /// How registries are asked.
    public static final class Builder {
        private CredentialSource credentials = CredentialSource.NONE;
        private final Set<String> plain = new HashSet<>();
        private final Set<String> tls = new HashSet<>();
        private final Map<String, List<String>> realms = new HashMap<>();
        private @Nullable SSLContext trust;
        private @Nullable ProxySelector proxy;
        private Duration connect = Duration.ofSeconds(15);
        private Duration patience = Duration.ofSeconds(30);
        private long bytesPerSecond = 1024;
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

        /// The certificates that are believed, instead of the JDK's.
        public Builder trust(SSLContext context) {
            trust = context;
            return this;
        }

        /// Through which proxies.
        public Builder proxy(ProxySelector selector) {
            proxy = selector;
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
            if (!good || !connect.isPositive() || !patience.isPositive()) {
                throw new IllegalArgumentException("tries and times must be positive");
            }
            return new RegistryClient(new RegistrySettings(
                    credentials, Set.copyOf(plain), Set.copyOf(tls), Map.copyOf(realms), trust, proxy, connect, patience,
                    bytesPerSecond, tries, pause, chunk));
        }
    }
}
