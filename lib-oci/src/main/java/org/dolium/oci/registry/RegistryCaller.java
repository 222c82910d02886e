// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.NoSuchFileException;
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
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// Sends requests to one registry: authentication, redirects by our own rules, tries with pauses between them. Headers are made
/// anew for each hop, and only the registry itself sees an authorization.
final class RegistryCaller {
    private static final int MOST_HOPS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /// For what is small; the rest is over after [RegistrySettings#whole].
    private static final Duration SMALL = Duration.ofMinutes(5);
    private static final Duration REST = Duration.ofMinutes(1);

    private final String registry;
    private final RegistrySettings settings;
    private final Connections connections;
    private final ScheduledExecutorService clock;
    private final URI base;
    private final AddressRules rules;
    private final Tokens tokens;
    private volatile long restsUntil = System.nanoTime();

    RegistryCaller(String registry, RegistrySettings settings, Connections connections, ScheduledExecutorService clock) {
        this.registry = registry;
        this.settings = settings;
        this.connections = connections;
        this.clock = clock;
        boolean plain = settings.isPlain(registry);
        base = URI.create((plain ? "http://" : "https://") + RegistrySettings.host(registry) + "/v2/");
        rules = new AddressRules(base, plain, settings.network()::addresses);
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

    /// Leaves it alone for a while, as it can't be reached.
    void rest() {
        restsUntil = System.nanoTime() + REST.toNanos();
    }

    boolean rests() {
        return restsUntil - System.nanoTime() > 0;
    }

    /// When a small thing is over that begins now.
    Deadline soon() {
        return Deadline.after(SMALL.compareTo(settings.whole()) < 0 ? SMALL : settings.whole());
    }

    /// The answer, whatever it is, after passing failures have been tried again. Its body may still break off.
    Answer send(Call call) throws IOException {
        return send(call.deadline() == null ? call.by(Deadline.after(settings.whole())) : call, -1);
    }

    /// The same with the body of a good answer in memory, so that one that breaks off is asked for again.
    Answer whole(Call call, int most) throws IOException {
        return send(call.by(soon()), most);
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
                pause(attempt, answer.header("Retry-After"), call.deadline());
            } catch (IOException e) {
                if (last || !mayPass(e)) {
                    throw e;
                }
                pause(attempt, null, call.deadline());
            }
        }
    }

    /// Failures of the network pass; refusals and failed certificates don't.
    static boolean mayPass(IOException e) {
        return !(e instanceof RefusedException)
                && !(e instanceof WrongContentException)
                && !(e instanceof RegistryException)
                && !(e instanceof SSLHandshakeException)
                && !(e instanceof Deadline.Passed)
                && !(e instanceof NoSuchFileException)
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
                    if (tokens.answer(answer.headers("WWW-Authenticate"), call.scopes(), authorization)) {
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
        Deadline deadline = call.deadline() == null ? soon() : call.deadline();
        HttpResponse<InputStream> response = waited(connections.send(request, at), call, at, deadline);
        return new Answer(
                response,
                new WatchedStream(response.body(), clock, settings.patience(), settings.bytesPerSecond(), deadline));
    }

    /// Waits for the head of an answer as long as something is sent, and then for some time.
    private HttpResponse<InputStream> waited(
            CompletableFuture<HttpResponse<InputStream>> future, Call call, URI at, Deadline deadline) throws IOException {
        long sent = -1;
        try {
            while (true) {
                try {
                    long nanos = deadline.leftNanos(call.patience(settings.patience()).toNanos());
                    return future.get(nanos, TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (!deadline.isOver() && call.sent().getAsLong() <= sent) {
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
    private IOException failed(ExecutionException e, URI at) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof WrongContentException wrong) {
                return wrong;
            }
        }
        IOException better = connections.failure(at);
        if (better instanceof RefusedException) {
            return new RefusedException(AddressRules.shown(at) + ": " + better.getMessage(), better);
        }
        String message = AddressRules.shown(at) + ": " + reason(better == null ? e.getCause() : better, at);
        return e.getCause() instanceof SSLHandshakeException
                ? (IOException) new SSLHandshakeException(message).initCause(e)
                : new IOException(message, harmless(e.getCause()));
    }

    /// The cause, unless the JDK has put into it what the registry said, as it is.
    private static @Nullable Throwable harmless(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message != null && message.chars().anyMatch(Character::isISOControl)) {
                return null;
            }
        }
        return failure;
    }

    /// The exception's own words, and ours where it has none.
    private static String reason(Throwable failure, URI at) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "no address is known for '" + at.getHost() + "': the name is wrong, or there is no network or name server";
            }
        }
        boolean mute = failure instanceof ConnectException && failure.getMessage() == null;
        return mute ? "nobody accepts connections there" : JsonPlace.shown(failure.toString(), 300);
    }

    /// Waits twice as long each time, with a random part, or as long as the registry asks for, but not for ever.
    void pause(int attempt, @Nullable String retryAfter, @Nullable Deadline deadline) throws IOException {
        long millis = settings.pause().toMillis() << Math.min(attempt - 1, 10);
        millis += ThreadLocalRandom.current().nextLong(millis / 2 + 1);
        if (retryAfter != null && retryAfter.length() < 6 && retryAfter.chars().allMatch(Character::isDigit) && !retryAfter.isEmpty()) {
            millis = Math.max(millis, Integer.parseInt(retryAfter) * 1000L);
        }
        long nanos = Math.min(millis, LONGEST_PAUSE.toMillis()) * 1_000_000;
        try {
            TimeUnit.NANOSECONDS.sleep(deadline == null ? nanos : deadline.leftNanos(nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted between two tries");
        }
    }
}
