// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.dolium.oci.blob.VerifiedStream;
import org.jspecify.annotations.Nullable;

/// A request to a registry.
///
/// @param method of HTTP
/// @param uri where
/// @param scopes what a token must allow, as `repository:x/y:pull`
/// @param headers except those for authentication
/// @param body what is sent
/// @param repeatable whether it may be sent again after an error
/// @param sent how much of a body that is streamed was taken so far
/// @param deadline when it is given up, with what it is part of; null if that was not said
record Call(
        String method,
        URI uri,
        String scopes,
        Map<String, String> headers,
        BodyPublisher body,
        boolean repeatable,
        LongSupplier sent,
        @Nullable Deadline deadline) {
    private static final int SMALL = 1 << 16;
    private static final LongSupplier NOTHING = () -> -1;
    /// Registries may need some time to keep what they were sent.
    private static final int PATIENCE_AFTER_BODIES = 10;

    static Call get(URI uri, String scopes, Map<String, String> headers) {
        return new Call("GET", uri, scopes, headers, BodyPublishers.noBody(), true, NOTHING, null);
    }

    static Call head(URI uri, String scopes, Map<String, String> headers) {
        return new Call("HEAD", uri, scopes, headers, BodyPublishers.noBody(), true, NOTHING, null);
    }

    /// A request with content in memory, which can be sent again.
    static Call with(String method, URI uri, String scopes, Map<String, String> headers, byte[] body) {
        if (body.length <= SMALL) {
            return new Call(method, uri, scopes, headers, BodyPublishers.ofByteArray(body), true, NOTHING, null);
        }
        AtomicLong sent = new AtomicLong();
        BodyPublisher publisher = BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> new Counted(new ByteArrayInputStream(body), sent)), body.length);
        return new Call(method, uri, scopes, headers, publisher, true, sent::get, null);
    }

    /// A request with content that is read only once.
    static Call streaming(String method, URI uri, String scopes, Map<String, String> headers, VerifiedStream content) {
        AtomicLong sent = new AtomicLong();
        BodyPublisher body = BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> new Counted(content, sent)), content.descriptor().size());
        return new Call(method, uri, scopes, headers, body, false, sent::get, null);
    }

    /// The same with a deadline.
    Call by(Deadline end) {
        return new Call(method, uri, scopes, headers, body, repeatable, sent, end);
    }

    boolean follows() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /// How long nothing may happen.
    Duration patience(Duration usual) {
        return sent == NOTHING ? usual : usual.multipliedBy(PATIENCE_AFTER_BODIES);
    }

    /// Counts what is read.
    private static final class Counted extends FilterInputStream {
        private final AtomicLong bytes;

        Counted(InputStream in, AtomicLong bytes) {
            super(in);
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            bytes.incrementAndGet();
            return super.read();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            bytes.addAndGet(Math.max(read, 0));
            return read;
        }
    }
}
