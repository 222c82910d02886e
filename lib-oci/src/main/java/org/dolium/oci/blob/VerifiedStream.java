// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.jspecify.annotations.Nullable;

/// The content that a descriptor names, while it is read. The last bytes are given out only after digest and size were found right
/// and nothing follows, so whoever has read as many bytes as the descriptor says has read the right ones. Not thread-safe.
public final class VerifiedStream extends InputStream {
    private final InputStream from;
    private final Descriptor expected;
    private final Object origin;
    /// Null where another stream verifies.
    private final @Nullable MessageDigest hasher;

    private @Nullable Pipe copy;
    private volatile long left;
    private boolean verified;
    /// Whether bytes could not be had.
    private boolean broken;

    private volatile @Nullable WrongContentException problem;

    /// @param from the content, from wherever; it is closed with this stream
    /// @param expected what it should be
    /// @param origin where it is from, for errors, and for whoever made the stream
    public VerifiedStream(InputStream from, Descriptor expected, Object origin) {
        this(from, expected, origin, expected.digest().hasher());
    }

    private VerifiedStream(InputStream from, Descriptor expected, Object origin, @Nullable MessageDigest hasher) {
        this.from = from;
        this.expected = expected;
        this.origin = origin;
        this.hasher = hasher;
        left = expected.size();
    }

    /// Another stream of the same content, for another thread: it gets what is read here, and it is verified only here. Before
    /// anything is read. Who reads here waits where the other is slower by some hundred kilobytes, and gets an error when the other
    /// closes its stream early; the other gets this one's errors.
    public VerifiedStream copy() {
        if (copy != null || problem != null || left != expected.size()) {
            throw new IllegalStateException("the stream was read or copied before");
        }
        Pipe pipe = new Pipe();
        copy = pipe;
        return new VerifiedStream(pipe.in(), expected, origin, null);
    }

    /// What the content is.
    public Descriptor descriptor() {
        return expected;
    }

    /// How much was read so far, for whatever thread.
    public long position() {
        return expected.size() - left;
    }

    /// Whether all of it was read and is right.
    public boolean isVerified() {
        return verified;
    }

    /// Where it is from, as its maker calls it.
    public Object origin() {
        return origin;
    }

    /// Whether it was found to be something else.
    public boolean isWrong() {
        return problem != null;
    }

    /// Reads what is left, for nobody else, and says why it is wrong; null if it is right or can't be read.
    @Nullable WrongContentException verdict() {
        giveUp(new IOException("the content of " + expected.digest() + " is only verified"));
        byte[] rest = new byte[1 << 16];
        try {
            while (!broken && problem == null && read(rest, 0, rest.length) >= 0) {
                // only the digest matters
            }
        } catch (IOException e) {
            return problem;
        }
        return problem;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        Pipe to = copy;
        if (to == null) {
            return some(bytes, offset, length);
        }
        try {
            int read = some(bytes, offset, length);
            to.write(bytes, offset, Math.max(0, read));
            if (verified) {
                copy = null;
                to.finish();
            }
            return read;
        } catch (IOException | RuntimeException | Error e) {
            giveUp(e);
            throw e;
        }
    }

    private int some(byte[] bytes, int offset, int length) throws IOException {
        if (problem != null) {
            throw wrong("it was found wrong before");
        }
        if (left == 0) {
            verify();
            return length == 0 ? 0 : -1;
        }
        broken = true;
        int read = from.read(bytes, offset, (int) Math.min(length, left));
        broken = false;
        if (read < 0) {
            throw wrong("it ends " + left + " bytes before the " + expected.size() + " bytes that it should have");
        }
        if (hasher != null) {
            hasher.update(bytes, offset, read);
        }
        left = left - read;
        if (left == 0) {
            verify();
        }
        return read;
    }

    private void verify() throws IOException {
        if (verified) {
            return;
        }
        if (from.read() >= 0) {
            throw wrong("it is longer than the " + expected.size() + " bytes that it should have");
        }
        if (hasher != null) {
            Digest found = Digest.finished(expected.digest().algorithm(), hasher.digest());
            if (!found.equals(expected.digest())) {
                throw wrong("its digest is " + found);
            }
        }
        verified = true;
    }

    private WrongContentException wrong(String how) {
        WrongContentException found =
                new WrongContentException("the content of " + expected.digest() + " from " + origin + " is wrong: " + how);
        if (problem == null) {
            problem = found;
        }
        return found;
    }

    /// Gives who reads the copy an error: what is read here isn't read to its end.
    public void giveUp(Throwable why) {
        Pipe to = copy;
        if (to != null) {
            copy = null;
            to.fail(why);
        }
    }

    @Override
    public void close() throws IOException {
        giveUp(new IOException("the content of " + expected.digest() + " was not read to its end"));
        from.close();
    }
}
