// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.oci.unpack.LayerEntry.Extent;
import org.dolium.oci.unpack.Metadata;

/// Writes what is in a file, and not what is in its holes if those are worth a map.
final class FileContent {
    /// Readers of archives that know no maps are more frequent than large holes.
    static final long LEAST_HOLES = 1 << 20;

    private static final int MOST_EXTENTS = 10_000;

    private final PackCalls calls;
    private final TarOutput tar;
    private final byte[] buffer = new byte[PackCalls.BUFFER];

    FileContent(PackCalls calls, TarOutput tar) {
        this.calls = calls;
        this.tar = tar;
    }

    void write(Fd file, Status status, Metadata metadata, byte[] path) throws IOException {
        List<Extent> extents = status.isSparse() ? extents(file, status.size()) : List.of();
        long stored = 0;
        for (Extent extent : extents) {
            stored += extent.length();
        }
        if (extents.isEmpty() || status.size() - stored < LEAST_HOLES) {
            tar.file(path, metadata, status.size());
            copy(file, new Extent(0, status.size()));
            tar.pad(status.size());
            return;
        }
        byte[] map = map(extents);
        tar.sparse(path, metadata, status.size(), map.length + stored);
        tar.write(map, map.length);
        for (Extent extent : extents) {
            copy(file, extent);
        }
        tar.pad(stored);
    }

    /// What is not a hole, with an empty extent at the end if that is one; nothing if there are too many parts.
    private List<Extent> extents(Fd file, long size) throws IOException {
        List<Extent> extents = new ArrayList<>();
        long end = 0;
        while (end < size) {
            long from = calls.content(file, end);
            if (from < 0 || from >= size) {
                break;
            }
            long hole = calls.hole(file, from);
            end = hole <= from || hole > size ? size : hole;
            extents.add(new Extent(from, end - from));
            if (extents.size() > MOST_EXTENTS) {
                return List.of();
            }
        }
        if (end < size) {
            extents.add(new Extent(size, 0));
        }
        return extents;
    }

    private static byte[] map(List<Extent> extents) {
        StringBuilder text = new StringBuilder().append(extents.size()).append('\n');
        for (Extent extent : extents) {
            text.append(extent.offset()).append('\n').append(extent.length()).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        return java.util.Arrays.copyOf(bytes, bytes.length + TarOutput.BLOCK - 1 & -TarOutput.BLOCK);
    }

    private void copy(Fd file, Extent extent) throws IOException {
        for (long done = 0; done < extent.length(); ) {
            int read = calls.read(file, buffer, (int) Math.min(buffer.length, extent.length() - done), extent.offset() + done);
            if (read == 0) {
                throw new PackException("it became shorter while it was read; pause the container meanwhile");
            }
            tar.write(buffer, read);
            done += read;
        }
    }
}
