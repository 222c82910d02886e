// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.dolium.oci.image.Descriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamCopyTest {
    private final byte[] content = new byte[3_000_000];
    private final Descriptor descriptor;

    StreamCopyTest() {
        new Random(1).nextBytes(content);
        descriptor = Descriptor.of("a/b", content);
    }

    private VerifiedStream stream(byte[] bytes) {
        return new VerifiedStream(new ByteArrayInputStream(bytes), descriptor, "a test");
    }

    /// Reads to the end on another thread.
    private static CompletableFuture<byte[]> read(InputStream stream) {
        CompletableFuture<byte[]> bytes = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                bytes.complete(stream.readAllBytes());
            } catch (Throwable e) {
                bytes.completeExceptionally(e);
            }
        });
        return bytes;
    }

    @Test
    void a_copy_has_the_same_content_and_is_verified_with_it() throws Exception {
        VerifiedStream stream = stream(content);
        VerifiedStream copy = stream.copy();
        CompletableFuture<byte[]> read = read(copy);
        assertThat(stream.readAllBytes()).isEqualTo(content);
        assertThat(read.get()).isEqualTo(content);
        assertThat(stream.isVerified()).isTrue();
        assertThat(copy.isVerified()).isTrue();
        assertThat(copy.position()).isEqualTo(content.length);
    }

    @Test
    void a_copy_never_gives_the_last_bytes_of_wrong_content() throws Exception {
        byte[] other = content.clone();
        other[0] ^= 1;
        VerifiedStream stream = stream(other);
        VerifiedStream copy = stream.copy();
        CompletableFuture<Long> count = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            assertThatThrownBy(() -> copy.transferTo(OutputStream.nullOutputStream()))
                    .isInstanceOf(WrongContentException.class).hasMessageContaining("its digest is");
            count.complete(copy.position());
        });
        assertThatThrownBy(() -> stream.transferTo(OutputStream.nullOutputStream())).isInstanceOf(WrongContentException.class);
        assertThat(count.get()).isLessThan(content.length);
        assertThat(copy.isVerified()).isFalse();
    }

    @Test
    void who_reads_a_copy_gets_the_error_of_the_other_side() throws Exception {
        IOException broken = new IOException("broken");
        VerifiedStream stream = new VerifiedStream(new FilterInputStream(new ByteArrayInputStream(content)) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (in.available() < content.length / 2) {
                    throw broken;
                }
                return super.read(bytes, offset, length);
            }
        }, descriptor, "a test");
        CompletableFuture<byte[]> read = read(stream.copy());
        assertThatThrownBy(stream::readAllBytes).isSameAs(broken);
        assertThatThrownBy(read::get).isInstanceOf(ExecutionException.class).cause().isSameAs(broken);
    }

    @Test
    void a_stream_that_is_closed_early_ends_its_copy_with_an_error() {
        VerifiedStream stream = stream(content);
        CompletableFuture<byte[]> read = read(stream.copy());
        assertThatThrownBy(() -> {
            try (stream) {
                stream.readNBytes(100);
            }
            read.get();
        }).hasMessageContaining("was not read to its end");
    }

    @Test
    void closing_a_copy_ends_who_waits_for_it() throws Exception {
        VerifiedStream stream = stream(content);
        VerifiedStream copy = stream.copy();
        CompletableFuture<byte[]> read = read(stream);
        Thread.sleep(Duration.ofMillis(20)); // it waits for room
        copy.close();
        assertThatThrownBy(read::get).hasMessageContaining("nobody reads any more");
    }

    @Test
    void a_copy_is_made_once_and_before_anything_is_read() throws IOException {
        VerifiedStream stream = stream(content);
        assertThat(stream.read()).isNotNegative();
        assertThatThrownBy(stream::copy).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_stream_read_ahead_gives_the_same_and_closing_it_ends_its_thread() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        VerifiedStream source = stream(content);
        InputStream ahead = ReadAhead.of(source, source, task -> thread.complete(Thread.ofPlatform().start(task)));
        assertThat(ahead.readAllBytes()).isEqualTo(content);
        ahead.close();
        VerifiedStream again = stream(content);
        InputStream early = ReadAhead.of(again, again, task -> Thread.ofPlatform().start(task));
        assertThat(early.readNBytes(1000)).hasSize(1000);
        early.close();
        assertThatThrownBy(early::read).isInstanceOf(IOException.class);
        assertThat(thread.get().join(Duration.ofSeconds(10))).isTrue();
    }
}
