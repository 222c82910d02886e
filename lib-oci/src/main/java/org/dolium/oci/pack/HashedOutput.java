// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.dolium.oci.image.Digest;

/// Counts and hashes what passes.
final class HashedOutput extends OutputStream {
    private final OutputStream to;
    private final MessageDigest hasher;
    private long count;

    HashedOutput(OutputStream to) {
        this.to = to;
        try {
            hasher = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    long count() {
        return count;
    }

    /// Once, at the end.
    Digest digest() {
        return Digest.finished("sha256", hasher.digest());
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        to.write(bytes, offset, length);
        hasher.update(bytes, offset, length);
        count += length;
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    /// What it writes to stays open.
    @Override
    public void close() throws IOException {
        to.flush();
    }
}
