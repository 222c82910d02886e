// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;

/// The content that a descriptor names, while it is read. The last bytes are given out only after digest and size were found right
/// and nothing follows, so whoever has read as many bytes as the descriptor says has read the right ones. Not thread-safe.
public final class VerifiedStream extends InputStream {
    private final InputStream from;
    private final Descriptor expected;
    private final String origin;
    private final MessageDigest hasher;
    private long left;
    private boolean verified;
    private volatile boolean failed;

    /// @param from the content, from wherever; it is closed with this stream
    /// @param expected what it should be
    /// @param origin where it is from, for errors
    public VerifiedStream(InputStream from, Descriptor expected, String origin) {
        this.from = from;
        this.expected = expected;
        this.origin = origin;
        hasher = expected.digest().hasher();
        left = expected.size();
    }

    /// What the content is.
    public Descriptor descriptor() {
        return expected;
    }

    /// Whether all of it was read and is right.
    public boolean isVerified() {
        return verified;
    }

    /// Whether it was found to be something else.
    public boolean isWrong() {
        return failed;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (failed) {
            throw wrong("it was found wrong before");
        }
        if (left == 0) {
            verify();
            return length == 0 ? 0 : -1;
        }
        int read = from.read(bytes, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw wrong("it ends " + left + " bytes before the " + expected.size() + " bytes that it should have");
        }
        hasher.update(bytes, offset, read);
        left -= read;
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
        Digest found = Digest.finished(expected.digest().algorithm(), hasher.digest());
        if (!found.equals(expected.digest())) {
            throw wrong("its digest is " + found);
        }
        verified = true;
    }

    private WrongContentException wrong(String problem) {
        failed = true;
        return new WrongContentException("the content of " + expected.digest() + " from " + origin + " is wrong: " + problem);
    }

    @Override
    public void close() throws IOException {
        from.close();
    }
}
