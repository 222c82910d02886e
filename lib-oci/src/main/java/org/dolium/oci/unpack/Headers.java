// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// All headers of one entry together: the extended ones before it and its own.
final class Headers {
    private static final long NO_ID = 0xffffffffL;

    private PaxRecords records = PaxRecords.NONE;
    private byte @Nullable [] longName;
    private byte @Nullable [] longLink;

    void pax(byte[] body) throws LayerException {
        if (records != PaxRecords.NONE) {
            throw new LayerException("it has two extended headers");
        }
        records = PaxRecords.parse(body);
    }

    void longName(byte[] body) throws LayerException {
        if (longName != null) {
            throw new LayerException("it has two long names");
        }
        longName = gnuText(body);
    }

    void longLink(byte[] body) throws LayerException {
        if (longLink != null) {
            throw new LayerException("it has two long link names");
        }
        longLink = gnuText(body);
    }

    /// With a NUL at its end, and none before.
    private static byte[] gnuText(byte[] body) throws LayerException {
        int end = body.length;
        while (end > 0 && body[end - 1] == 0) {
            end--;
        }
        if (end == 0) {
            throw new LayerException("it has an empty long name");
        }
        return Arrays.copyOf(body, end);
    }

    boolean isEmpty() {
        return records == PaxRecords.NONE && longName == null && longLink == null;
    }

    PaxRecords records() {
        return records;
    }

    byte[] name(HeaderBlock block) throws LayerException {
        byte[] sparse = records.bytes("GNU.sparse.name");
        return sparse != null ? sparse : text("path", longName, block.name());
    }

    byte[] link(HeaderBlock block) throws LayerException {
        return text("linkpath", longLink, block.link());
    }

    private byte[] text(String key, byte @Nullable [] gnu, byte[] plain) throws LayerException {
        byte[] pax = records.bytes(key);
        if (pax != null && gnu != null) {
            throw new LayerException("it has a long name in the formats of both POSIX and GNU");
        }
        return pax != null ? pax : gnu != null ? gnu : plain;
    }

    /// How many bytes of the archive follow.
    ///
    /// @param content whether it may have content
    long size(HeaderBlock block, boolean content) throws LayerException {
        long plain = block.size();
        Long extended = records.number("size");
        if (!content) {
            if (plain != 0 || extended != null && extended != 0) {
                throw new LayerException("it has a size, but is no file");
            }
            return 0;
        }
        return extended == null ? plain : extended;
    }

    Metadata metadata(HeaderBlock block) throws LayerException {
        long seconds = block.seconds();
        int nanos = 0;
        byte[] time = records.bytes("mtime");
        if (time != null) {
            PaxTime pax = PaxTime.parse(time);
            seconds = pax.seconds();
            nanos = pax.nanos();
        }
        return new Metadata(
                block.mode(), id("uid", block.uid()), id("gid", block.gid()), seconds, nanos, records.xattrs());
    }

    private long id(String key, long plain) throws LayerException {
        Long extended = records.number(key);
        long id = extended == null ? plain : extended;
        if (id >= NO_ID) {
            throw new LayerException("its " + key + " " + id + " is none: ids are at most 4294967294");
        }
        return id;
    }
}
