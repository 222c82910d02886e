// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.dolium.oci.registry.Credentials.Kind;
import org.jspecify.annotations.Nullable;

/// The authorizations for one registry: a token for each set of scopes, never for more than was needed, or name and password.
final class Tokens {
    private static final int LIMIT = 1 << 20;
    private static final JsonFormat FORMAT = new JsonFormat("the registry gives a token that", 16, 256, LIMIT, 1000);

    /// @param header what is sent
    /// @param expires on the clock of [System#nanoTime]
    private record Token(String header, long expires) {}

    private final RegistryCaller caller;
    private final String registry;
    private final URI base;
    private final RegistrySettings settings;
    private final AddressRules rules;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private volatile @Nullable String basic;
    private final ReentrantLock asking = new ReentrantLock();

    Tokens(RegistryCaller caller, String registry, URI base, RegistrySettings settings, AddressRules rules) {
        this.caller = caller;
        this.registry = registry;
        this.base = base;
        this.settings = settings;
        this.rules = rules;
    }

    /// What is known for these scopes; null for nothing.
    @Nullable String authorization(String scopes) {
        String token = bearer(scopes);
        return token == null ? basic : token;
    }

    private @Nullable String bearer(String scopes) {
        Token token = tokens.get(scopes);
        return token != null && token.expires - System.nanoTime() > 0 ? token.header : null;
    }

    /// Gets what a registry asks for; false if that can't be had. One thread does so at a time: of many that are refused at once, one
    /// asks for a token, or somebody for a password, and the others find what it got.
    ///
    /// @param sent what it was sent before, or null
    boolean answer(List<String> headers, String scopes, @Nullable String sent) throws IOException {
        try {
            asking.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while another thread asked for an authorization at " + registry);
        }
        try {
            List<Challenge> challenges = Challenge.parse(headers);
            return isKnown(challenges, scopes, sent) || isFound(challenges, scopes, sent);
        } finally {
            asking.unlock();
        }
    }

    /// Whether another thread has got the right thing meanwhile.
    private boolean isKnown(List<Challenge> challenges, String scopes, @Nullable String sent) {
        for (Challenge challenge : challenges) {
            String known = switch (challenge.scheme()) {
                case "bearer" -> bearer(scopes);
                case "basic" -> basic;
                default -> null;
            };
            if (known != null && !known.equals(sent)) {
                return true;
            }
        }
        return false;
    }

    private boolean isFound(List<Challenge> challenges, String scopes, @Nullable String sent) throws IOException {
        Optional<Credentials> credentials = settings.credentials().find(registry);
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")) {
                tokens.put(scopes, token(challenge, scopes, credentials.orElse(null)));
                return true;
            }
            boolean password = credentials.isPresent() && credentials.get().kind() == Kind.PASSWORD;
            if (challenge.scheme().equals("basic") && password && !credentials.get().basic().equals(sent)) {
                basic = credentials.get().basic();
                return true;
            }
        }
        return false;
    }

    private Token token(Challenge challenge, String scopes, @Nullable Credentials credentials) throws IOException {
        if (credentials != null && credentials.kind() == Kind.BEARER_TOKEN) {
            return new Token("Bearer " + credentials.secret(), System.nanoTime() + 60_000_000_000L);
        }
        URI realm = realm(challenge.parameters().get("realm"), credentials != null);
        List<String> query = new ArrayList<>();
        String service = challenge.parameters().get("service");
        if (service != null) {
            query.add("service=" + encoded(service));
        }
        boolean identity = credentials != null && credentials.kind() == Kind.IDENTITY_TOKEN;
        if (identity) {
            query.add("scope=" + encoded(scopes));
        } else {
            for (String scope : scopes.split(" ")) {
                query.add("scope=" + encoded(scope));
            }
        }
        return identity
                ? refreshed(realm, String.join("&", query), credentials)
                : asked(realm, String.join("&", query), credentials);
    }

    private Token asked(URI realm, String query, @Nullable Credentials credentials) throws IOException {
        String separator = realm.getRawQuery() == null ? "?" : "&";
        Call call = Call.get(URI.create(realm + separator + query), "", Map.of());
        return answered(call, credentials == null ? null : credentials.basic());
    }

    private Token refreshed(URI realm, String query, Credentials credentials) throws IOException {
        String form = "grant_type=refresh_token&client_id=dolium&" + query + "&refresh_token=" + encoded(credentials.secret());
        Map<String, String> headers = Map.of("Content-Type", "application/x-www-form-urlencoded");
        byte[] body = form.getBytes(StandardCharsets.UTF_8);
        return answered(Call.with("POST", realm, "", headers, body), null);
    }

    /// Sends a request to a realm. It is never led elsewhere, as it carries credentials.
    private Token answered(Call untimed, @Nullable String authorization) throws IOException {
        Call call = untimed.by(caller.soon());
        for (int attempt = 1; ; attempt++) {
            try (Answer answer = caller.once(call, call.uri(), authorization)) {
                boolean passing = answer.status() == 429 || answer.status() >= 500;
                if (!passing || attempt >= settings.tries()) {
                    return read(answer);
                }
                caller.pause(attempt, answer.header("Retry-After"), call.deadline());
            }
        }
    }

    private static Token read(Answer answer) throws IOException {
        if (answer.status() != 200) {
            throw answer.error("getting a token");
        }
        try {
            JsonPlace root = FORMAT.parse(answer.bytes(LIMIT), LIMIT).object();
            String token = root.findText("token");
            token = token == null || token.isEmpty() ? root.get("access_token").text() : token;
            if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw root.error("has no characters that can be sent");
            }
            JsonPlace expires = root.find("expires_in");
            long seconds = expires == null ? 60 : Math.max(60, expires.whole(0, Integer.MAX_VALUE));
            return new Token("Bearer " + token, System.nanoTime() + (seconds - 10) * 1_000_000_000L);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Where tokens come from: with TLS, and where credentials are sent, at a host that may see them.
    private URI realm(@Nullable String text, boolean secret) throws IOException {
        URI realm = rules.follow(base, text == null ? "" : text);
        if (realm.getRawFragment() != null || text == null) {
            throw new RefusedException("the registry names no address for tokens");
        }
        if (secret && !isTrusted(realm)) {
            throw new RefusedException("the registry wants the credentials for " + registry + " to be sent to "
                    + AddressRules.shown(realm) + "; allow it with trustRealm(\"" + registry + "\", \"" + realm.getHost()
                    + "\") if that is right");
        }
        return realm;
    }

    /// The host of the registry, one of which it is a part or that is a part of it, or one that was allowed.
    private boolean isTrusted(URI realm) {
        if (rules.isHome(realm)) {
            return true;
        }
        String theirs = realm.getHost().toLowerCase(Locale.ROOT);
        String ours = base.getHost().toLowerCase(Locale.ROOT);
        boolean allowed = settings.realms().getOrDefault(registry, List.of()).contains(theirs);
        boolean related = theirs.endsWith("." + ours) || ours.endsWith("." + theirs) && theirs.indexOf('.') > 0;
        boolean named = ours.chars().anyMatch(c -> c >= 'a' && c <= 'z') && ours.indexOf(':') < 0;
        boolean usual = realm.getPort() < 0 || realm.getPort() == 443;
        return allowed || named && usual && (related || theirs.equals(ours));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
