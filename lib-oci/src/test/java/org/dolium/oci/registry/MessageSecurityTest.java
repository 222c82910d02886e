// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.layout.OciLayout;
import org.dolium.testing.Logged;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rows T-03 and T-06: what is said of a registry that lies, and of the credentials it is given.
@Timeout(60)
class MessageSecurityTest {
    private static final String EVIL = "x\u001b]0;title\u0007\u009b2J\r\nERROR forged\u202ey";
    private static final String IN_JSON = "x\\u001b]0;title\\u0007\\u009b2J\\r\\nERROR forged\\u202ey";
    private static final String IN_HEADER = "x\u001b]0;title\u0007 ERROR forged";
    private static final String USER = "us3r-of-nobody";
    private static final String PASSWORD = "s3cret-of-nobody";
    private static final String TOKEN = "t0ken-of-nobody";
    private static final String SIGNATURE = "sign4ture-of-nobody";

    @TempDir
    Path directory;

    private LyingRegistry registry;
    private RegistryClient client;
    private final TestImage images = new TestImage();
    private final Descriptor root = images.image("amd64", 100_000).withPlatform(null);

    @BeforeEach
    void start() throws IOException {
        registry = new LyingRegistry();
        registry.addAll(images, root, "latest");
        client = RegistryClient.builder().tries(2, Duration.ofMillis(10)).timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5))
                .credentials(host -> Optional.of(Credentials.of(USER, PASSWORD))).build();
    }

    @AfterEach
    void stop() {
        client.close();
        registry.close();
    }

    private Repository repository() {
        return client.repository(registry.reference("x"));
    }

    private void pull(String name) throws IOException {
        try (Repository repository = repository(); ImageSink sink = OciLayout.write(directory.resolve(name))) {
            ImageCopy.copy(repository, repository.resolve("latest"), sink, List.of("latest"));
        }
    }

    private static boolean is(HttpExchange exchange, String part) {
        return exchange.getRequestURI().toString().contains(part);
    }

    private static String messages(Throwable failure) {
        StringBuilder out = new StringBuilder();
        for (Throwable at = failure; at != null; at = at.getCause()) {
            out.append(at).append("; ");
            for (Throwable also : at.getSuppressed()) {
                out.append(messages(also));
            }
        }
        return out.toString();
    }

    private static void harmless(ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).isNotNull();
        assertThat(messages(failure)).as("%s", failure).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
    }

    @Test
    void T_03_control_words_of_a_registry_are_seen_where_they_are_printed_as_they_are() {
        assertThat(messages(new IOException("a", new IOException(EVIL)))).containsPattern("[\\p{Cc}\\p{Cf}]");
        registry.lie = exchange -> error(exchange, "forged");
        assertThat(catchThrowable(() -> repository().resolve("latest"))).hasMessageContaining("forged");
    }

    private static boolean error(HttpExchange exchange, String words) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        LyingRegistry.send(exchange, 403,
                ("{\"errors\":[{\"code\":\"" + words + "\",\"message\":\"" + words + "\"}]}").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return true;
    }

    @Test
    void T_03_a_registry_s_words_are_shown_without_control_characters() {
        registry.lie = exchange -> error(exchange, IN_JSON);
        harmless(() -> repository().resolve("latest"));
        harmless(() -> repository().open(root));
        registry.lie = exchange -> LyingRegistry.json(exchange, "{'tags':['" + IN_JSON + "']}");
        harmless(() -> repository().tags());
        registry.lie = exchange -> LyingRegistry.json(exchange, "{'" + IN_JSON + "':'" + IN_JSON + "', 'manifests': [{'mediaType':'" + IN_JSON
                + "','digest':'" + IN_JSON + "','size':1}]}");
        harmless(() -> repository().referrers(root.digest()));
        registry.lie = exchange -> LyingRegistry.json(exchange, "{'tags':[" + EVIL + "]}");
        harmless(() -> repository().tags());
    }

    @Test
    void T_03_headers_of_a_registry_are_shown_without_control_characters() {
        for (String header : List.of("Content-Type", "Docker-Content-Digest", "WWW-Authenticate", "Location", "Link", "Content-Range")) {
            for (int status : new int[] {200, 307, 401}) {
                for (String value : List.of(IN_HEADER, "http://" + IN_HEADER, "Bearer realm=\"" + IN_HEADER + "\",service=\"" + IN_HEADER + "\"",
                        "<" + IN_HEADER + ">; rel=\"next\"", "http://" + registry.host() + "/" + IN_HEADER)) {
                    registry.lie = exchange -> {
                        exchange.getResponseHeaders().set(header, value);
                        LyingRegistry.send(exchange, status, "{\"tags\":[]}".getBytes());
                        return true;
                    };
                    for (ThrowingCallable call : List.<ThrowingCallable>of(
                            () -> repository().resolve("latest"), () -> repository().open(root).readAllBytes(), () -> repository().tags())) {
                        Throwable failure = catchThrowable(call);
                        assertThat(messages(failure)).as("%s: %s", header, failure).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
                    }
                }
            }
        }
    }

    @Test
    void T_03_names_that_are_none_are_shown_without_control_characters() {
        harmless(() -> ImageReference.parse(EVIL));
        harmless(() -> ImageReference.parse("a/b:" + EVIL));
        harmless(() -> ImageReference.parse("a/b@sha256:" + EVIL));
        harmless(() -> Digest.parse(EVIL));
        harmless(() -> Digest.parse("sha256:" + EVIL));
        harmless(() -> Platform.parse(EVIL));
        harmless(() -> repository().resolve(EVIL));
        harmless(() -> HttpProxy.parse("http://" + EVIL, List.of()));
        harmless(() -> Credentials.of(EVIL, EVIL));
    }

    private static String stack(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out, true));
        return out.toString();
    }

    /// A registry that wants a token, which costs the password, and has its layers at addresses with a signature in them.
    private boolean guarded(HttpExchange exchange) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (is(exchange, "/token")) {
            return Credentials.of(USER, PASSWORD).basic().equals(authorization)
                    ? LyingRegistry.json(exchange, "{'token':'" + TOKEN + "'}")
                    : LyingRegistry.challenge(exchange, "Basic realm=\"x\"");
        }
        if (is(exchange, SIGNATURE)) {
            return false;
        }
        if (!("Bearer " + TOKEN).equals(authorization)) {
            return LyingRegistry.challenge(exchange, "Bearer realm=\"http://" + registry.host() + "/token\",service=\"x\"");
        }
        return is(exchange, "/blobs/")
                && LyingRegistry.redirect(exchange, 307, "http://" + USER + ":" + PASSWORD + "@" + registry.host() + exchange.getRequestURI()
                        + "?X-Signature=" + SIGNATURE);
    }

    @Test
    void T_06_no_secret_of_a_pull_is_logged_or_told() throws Exception {
        List<String> said = new ArrayList<>();
        try (Logged logged = Logged.everything()) {
            registry.lie = this::guarded;
            said.add(outcome(() -> pull("whole")));
            assertThat(registry.seen).as("control: it was asked with the token")
                    .anyMatch(request -> ("Bearer " + TOKEN).equals(request.headers().getFirst("Authorization")));
            for (int status : new int[] {400, 401, 403, 404, 500, 503}) {
                for (String where : List.of("/token", "/manifests/", SIGNATURE, "/blobs/")) {
                    registry.lie = exchange -> {
                        if (!is(exchange, where)) {
                            return guarded(exchange);
                        }
                        LyingRegistry.send(exchange, status, new byte[0]);
                        return true;
                    };
                    said.add(outcome(() -> pull(status + where.replace("/", ""))));
                }
            }
            registry.lie = exchange -> !is(exchange, "/token") ? guarded(exchange) : LyingRegistry.json(exchange, "{'token':'" + TOKEN + "\\n'}");
            said.add(outcome(() -> pull("token")));
            said.addAll(List.of(client.toString(), repository().toString(), Credentials.of(USER, PASSWORD).toString()));
            Thread.getAllStackTraces().keySet().forEach(thread -> said.add(thread.toString()));
            said.addAll(logged.lines());
        }
        assertThat(said).as("control: pulls failed").anyMatch(text -> text.contains("Exception"));
        assertThat(said).noneMatch(text -> text.contains(PASSWORD) || text.contains(USER) || text.contains(TOKEN) || text.contains(SIGNATURE)
                || text.contains(Credentials.of(USER, PASSWORD).basic().substring("Basic ".length())));
    }

    private static String outcome(ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        return failure == null ? "" : stack(failure);
    }

    @Test
    void T_06_control_what_is_logged_is_seen() {
        try (Logged logged = Logged.everything()) {
            System.getLogger("org.dolium.oci.any").log(System.Logger.Level.TRACE, PASSWORD);
            assertThat(logged.lines()).anyMatch(line -> line.contains(PASSWORD));
        }
    }
}
