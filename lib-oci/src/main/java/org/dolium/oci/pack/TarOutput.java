// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.dolium.oci.unpack.Metadata;

/// An archive in POSIX's format that is being written. What does not fit into a header of POSIX is in an extended one before it.
final class TarOutput {
    static final int BLOCK = 512;

    private static final long LARGEST_ID = 07777777;
    private static final long LARGEST_SIZE = 077777777777L;
    private static final int NAME = 100;

    private final OutputStream out;
    private long headers;

    TarOutput(OutputStream out) {
        this.out = out;
    }

    /// How many headers were written, those of extensions included.
    long headers() {
        return headers;
    }

    /// An entry without content.
    void entry(char type, byte[] path, Metadata metadata, byte[] link) throws IOException {
        header(type, path, metadata, link, 0, 0, 0, new PaxText());
    }

    void device(char type, byte[] path, Metadata metadata, int major, int minor) throws IOException {
        header(type, path, metadata, new byte[0], 0, major, minor, new PaxText());
    }

    /// A file, whose content and [#pad] follow.
    void file(byte[] path, Metadata metadata, long size) throws IOException {
        header('0', path, metadata, new byte[0], size, 0, 0, new PaxText());
    }

    /// A file with holes, in the format 1.0 of GNU tar: its map, its content without holes, and [#pad] follow.
    ///
    /// @param stored how many bytes map and content have
    void sparse(byte[] path, Metadata metadata, long size, long stored) throws IOException {
        PaxText pax = new PaxText().add("GNU.sparse.major", 1).add("GNU.sparse.minor", 0).add("GNU.sparse.name", path)
                .add("GNU.sparse.realsize", size);
        header('0', "GNUSparseFile.0".getBytes(StandardCharsets.US_ASCII), metadata, new byte[0], stored, 0, 0, pax);
    }

    void write(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    /// After `size` bytes of content.
    void pad(long size) throws IOException {
        out.write(new byte[(int) (-size & BLOCK - 1)]);
    }

    /// Two blocks of zeros.
    void finish() throws IOException {
        out.write(new byte[2 * BLOCK]);
    }

    private void header(
            char type, byte[] path, Metadata metadata, byte[] link, long size, int major, int minor, PaxText pax)
            throws IOException {
        byte[] block = new byte[BLOCK];
        text(block, 0, "path", path, pax);
        text(block, 157, "linkpath", link, pax);
        octal(block, 100, 8, metadata.mode());
        number(block, 108, 8, "uid", metadata.uid(), LARGEST_ID, pax);
        number(block, 116, 8, "gid", metadata.gid(), LARGEST_ID, pax);
        number(block, 124, 12, "size", size, LARGEST_SIZE, pax);
        time(block, metadata, pax);
        for (Map.Entry<String, byte[]> xattr : new TreeMap<>(metadata.xattrs()).entrySet()) {
            pax.add("SCHILY.xattr." + xattr.getKey(), xattr.getValue());
        }
        if (type == '3' || type == '4') {
            octal(block, 329, 8, major);
            octal(block, 337, 8, minor);
        }
        if (!pax.isEmpty()) {
            extended(pax.bytes());
        }
        close(block, type);
    }

    private static void text(byte[] block, int at, String key, byte[] value, PaxText pax) {
        System.arraycopy(value, 0, block, at, Math.min(value.length, NAME));
        if (value.length > NAME) {
            pax.add(key, value);
        }
    }

    private static void number(byte[] block, int at, int length, String key, long value, long largest, PaxText pax) {
        octal(block, at, length, value > largest ? 0 : value);
        if (value > largest) {
            pax.add(key, value);
        }
    }

    private static void time(byte[] block, Metadata metadata, PaxText pax) {
        boolean plain = metadata.seconds() >= 0 && metadata.seconds() <= LARGEST_SIZE;
        octal(block, 136, 12, plain ? metadata.seconds() : 0);
        if (!plain || metadata.nanos() != 0) {
            pax.time("mtime", metadata.seconds(), metadata.nanos());
        }
    }

    private void extended(byte[] body) throws IOException {
        byte[] block = new byte[BLOCK];
        byte[] name = "PaxHeaders".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, block, 0, name.length);
        octal(block, 100, 8, 0644);
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, 124, 12, body.length);
        octal(block, 136, 12, 0);
        close(block, 'x');
        out.write(body);
        pad(body.length);
    }

    private void close(byte[] block, char type) throws IOException {
        block[156] = (byte) type;
        byte[] magic = "ustar\00000".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, block, 257, magic.length);
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        octal(block, 148, 7, sum);
        headers++;
        out.write(block);
    }

    /// Digits with zeros before them and a NUL behind.
    private static void octal(byte[] block, int at, int length, long value) {
        long rest = value;
        for (int i = at + length - 2; i >= at; i--) {
            block[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
        block[at + length - 1] = 0;
    }
}
