// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.dolium.oci.blob.WrongContentException;
import org.jspecify.annotations.Nullable;

/// Sends requests to one registry: authentication, redirects by our own rules, tries with pauses between them. Headers are made
/// anew for each hop, and only the registry itself sees an authorization.
final class RegistryCaller {
    private static final int MOST_HOPS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final String registry;
    private final RegistrySettings settings;
    private final HttpClient http;
    private final ScheduledExecutorService clock;
    private final URI base;
    private final AddressRules rules;
    private final Tokens tokens;

    RegistryCaller(String registry, RegistrySettings settings, HttpClient http, ScheduledExecutorService clock) {
        this.registry = registry;
        this.settings = settings;
        this.http = http;
        this.clock = clock;
        boolean plain = settings.isPlain(registry);
        String host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
        base = URI.create((plain ? "http://" : "https://") + host + "/v2/");
        AddressRules.Resolver resolver =
                settings.proxy() == null ? InetAddress::getAllByName : AddressRules::literal;
        rules = new AddressRules(base, plain, resolver);
        tokens = new Tokens(this, registry, base, settings, rules);
    }

    /// The address of something of the registry, below `/v2/`.
    URI uri(String path) {
        return base.resolve(path);
    }

    AddressRules rules() {
        return rules;
    }

    String registry() {
        return registry;
    }

    /// The answer, whatever it is, after passing failures have been tried again. Its body may still break off.
    Answer send(Call call) throws IOException {
        return send(call, -1);
    }

    /// The same with the body of a good answer in memory, so that one that breaks off is asked for again.
    Answer whole(Call call, int most) throws IOException {
        return send(call, most);
    }

    private Answer send(Call call, int most) throws IOException {
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt >= settings.tries() || !call.repeatable();
            try {
                Answer answer = follow(call);
                if (most >= 0 && answer.status() == 200) {
                    return answer.whole(most);
                }
                if (last || !PASSING.contains(answer.status())) {
                    return answer;
                }
                answer.close();
                pause(attempt, answer.header("Retry-After"));
            } catch (IOException e) {
                if (last || !mayPass(e)) {
                    throw e;
                }
                pause(attempt, null);
            }
        }
    }

    /// Failures of the network pass; refusals and failed certificates don't.
    static boolean mayPass(IOException e) {
        return !(e instanceof RefusedException)
                && !(e instanceof WrongContentException)
                && !(e instanceof RegistryException)
                && !(e instanceof SSLHandshakeException)
                && !(e instanceof InterruptedIOException);
    }

    private Answer follow(Call call) throws IOException {
        URI at = call.uri();
        boolean answered = false;
        for (int hop = 0; hop <= MOST_HOPS; ) {
            String authorization = rules.isHome(at) ? tokens.authorization(call.scopes()) : null;
            Answer answer = once(call, at, authorization);
            if (answer.status() == 401 && rules.isHome(at) && !answered && call.repeatable()) {
                answered = true;
                try (answer) {
                    if (tokens.answer(answer.headers("WWW-Authenticate"), call.scopes())) {
                        continue;
                    }
                    throw answer.error("authentication at " + registry);
                }
            }
            String location = answer.header("Location");
            if (!REDIRECTS.contains(answer.status()) || location == null) {
                return answer;
            }
            answer.close();
            if (!call.follows()) {
                throw new RefusedException("the registry leads an upload elsewhere, which is not followed");
            }
            at = rules.follow(at, location);
            hop++;
        }
        throw new RefusedException("the registry leads on more than " + MOST_HOPS + " times");
    }

    /// One request and its answer, to whatever address.
    Answer once(Call call, URI at, @Nullable String authorization) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at).method(call.method(), call.body()).setHeader("User-Agent", "dolium");
        for (Map.Entry<String, String> header : call.headers().entrySet()) {
            request.setHeader(header.getKey(), header.getValue());
        }
        if (authorization != null) {
            request.setHeader("Authorization", authorization);
        }
        HttpResponse<InputStream> response = waited(
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream()), call, at);
        return new Answer(
                response, new WatchedStream(response.body(), clock, settings.patience(), settings.bytesPerSecond()));
    }

    /// Waits for the head of an answer as long as something is sent, and then for some time.
    private HttpResponse<InputStream> waited(CompletableFuture<HttpResponse<InputStream>> future, Call call, URI at)
            throws IOException {
        long sent = -1;
        try {
            while (true) {
                try {
                    return future.get(call.patience(settings.patience()).toNanos(), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (call.sent().getAsLong() <= sent) {
                        throw new HttpTimeoutException("nothing came from " + AddressRules.shown(at) + " in time");
                    }
                    sent = call.sent().getAsLong();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + AddressRules.shown(at) + " was asked");
        } catch (ExecutionException e) {
            throw failed(e, at);
        } finally {
            future.cancel(true);
        }
    }

    /// The same exception with the address; what was wrong with what we sent comes first.
    private static IOException failed(ExecutionException e, URI at) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof WrongContentException wrong) {
                return wrong;
            }
        }
        String message = AddressRules.shown(at) + ": " + e.getCause();
        return e.getCause() instanceof SSLHandshakeException
                ? (IOException) new SSLHandshakeException(message).initCause(e)
                : new IOException(message, e.getCause());
    }

    /// Waits twice as long each time, with a random part, or as long as the registry asks for, but not for ever.
    void pause(int attempt, @Nullable String retryAfter) throws IOException {
        long millis = settings.pause().toMillis() << Math.min(attempt - 1, 10);
        millis += ThreadLocalRandom.current().nextLong(millis / 2 + 1);
        if (retryAfter != null && retryAfter.length() < 6 && retryAfter.chars().allMatch(Character::isDigit) && !retryAfter.isEmpty()) {
            millis = Math.max(millis, Integer.parseInt(retryAfter) * 1000L);
        }
        try {
            Thread.sleep(Math.min(millis, LONGEST_PAUSE.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted between two tries");
        }
    }
}
