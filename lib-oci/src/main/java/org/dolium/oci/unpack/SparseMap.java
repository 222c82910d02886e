// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.unpack.LayerEntry.Extent;

/// Where the content of a sparse file goes, in the four formats of GNU tar; see "Storing Sparse Files" in its manual.
///
/// @param size how long the file is
/// @param packed how many bytes of the archive are its content
record SparseMap(long size, long packed, List<Extent> extents) {
    private static final int MOST = 100_000;
    private static final int BLOCK = HeaderBlock.SIZE;

    /// Blocks of the archive after the header.
    interface Blocks {
        byte[] next() throws IOException;
    }

    /// A file without holes.
    static SparseMap whole(long size) {
        return new SparseMap(size, size, size == 0 ? List.of() : List.of(new Extent(0, size)));
    }

    /// Four extents in the header, and 21 in each block that follows.
    static SparseMap gnu(HeaderBlock header, long packed, Blocks blocks) throws IOException {
        List<Long> numbers = new ArrayList<>();
        HeaderBlock block = header;
        addGnu(block, 386, 4, numbers);
        for (int more = header.byteAt(482); more != 0; more = block.byteAt(504)) {
            block = new HeaderBlock(blocks.next());
            addGnu(block, 0, 21, numbers);
        }
        return checked(header.sparse(483), packed, numbers);
    }

    private static void addGnu(HeaderBlock block, int from, int count, List<Long> numbers) throws LayerException {
        for (int at = from; at < from + 24 * count && !block.isBlank(at, 24); at += 24) {
            numbers.add(block.sparse(at));
            numbers.add(block.sparse(at + 12));
        }
        checkCount(numbers.size() / 2);
    }

    /// The formats 0.0 and 0.1, whose map is in the extended header, and 1.0, where the content begins with it.
    static SparseMap pax(PaxRecords records, long stored, Blocks blocks) throws IOException {
        Long major = records.number("GNU.sparse.major");
        Long minor = records.number("GNU.sparse.minor");
        if (records.has("SCHILY.realsize")) {
            throw new LayerException("it is a sparse file in the format of star");
        }
        if (major != null && minor != null && major == 1 && minor == 0) {
            return inContent(required(records, "GNU.sparse.realsize"), stored, blocks);
        }
        if (major != null || minor != null || records.has("GNU.sparse.realsize")) {
            throw new LayerException("it is a sparse file in a format that is not known");
        }
        byte[] map = records.bytes("GNU.sparse.map");
        List<Long> numbers = map == null ? records.sparse() : commas(map);
        boolean both = map != null && !records.sparse().isEmpty();
        if (both || required(records, "GNU.sparse.numblocks") * 2 != numbers.size()) {
            throw new LayerException("the map of a sparse file contradicts itself");
        }
        return checked(required(records, "GNU.sparse.size"), stored, numbers);
    }

    private static long required(PaxRecords records, String key) throws LayerException {
        Long number = records.number(key);
        if (number == null) {
            throw new LayerException("it is a sparse file without " + key);
        }
        return number;
    }

    private static List<Long> commas(byte[] map) throws LayerException {
        List<Long> numbers = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= map.length; i++) {
            if (i == map.length || map[i] == ',') {
                numbers.add(PaxRecords.decimal(map, from, i));
                from = i + 1;
            }
        }
        return numbers;
    }

    private static SparseMap inContent(long size, long stored, Blocks blocks) throws IOException {
        Lines lines = new Lines(blocks, stored);
        long count = lines.number();
        checkCount(count);
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < 2 * count; i++) {
            numbers.add(lines.number());
        }
        return checked(size, stored - lines.used, numbers);
    }

    private static void checkCount(long extents) throws LayerException {
        if (extents > MOST) {
            throw new LayerException("it is a sparse file of more than " + MOST + " parts");
        }
    }

    private static SparseMap checked(long size, long packed, List<Long> numbers) throws LayerException {
        List<Extent> extents = new ArrayList<>();
        long end = 0;
        long sum = 0;
        for (int i = 0; i + 1 < numbers.size(); i += 2) {
            long offset = numbers.get(i);
            long length = numbers.get(i + 1);
            if (offset < end || length > size || offset > size - length) {
                throw new LayerException("the map of a sparse file contradicts itself");
            }
            end = offset + length;
            sum += length;
            if (length > 0) {
                extents.add(new Extent(offset, length));
            }
        }
        if (sum != packed || numbers.size() % 2 != 0) {
            throw new LayerException("the map of a sparse file is not that of its content");
        }
        return new SparseMap(size, packed, extents);
    }

    /// Decimal numbers with line feeds, over as many blocks as it takes.
    private static final class Lines {
        private final Blocks blocks;
        private final long stored;
        private byte[] block = new byte[0];
        private int at;
        private long used;

        Lines(Blocks blocks, long stored) {
            this.blocks = blocks;
            this.stored = stored;
        }

        long number() throws IOException {
            byte[] digits = new byte[19];
            int length = 0;
            for (byte b = next(); b != '\n'; b = next()) {
                if (length == digits.length) {
                    throw new LayerException("the map of a sparse file has a number that is none");
                }
                digits[length++] = b;
            }
            return PaxRecords.decimal(digits, 0, length);
        }

        private byte next() throws IOException {
            if (at == block.length) {
                if (used + BLOCK > stored) {
                    throw new LayerException("the map of a sparse file is longer than the file");
                }
                block = blocks.next();
                used += BLOCK;
                at = 0;
            }
            return block[at++];
        }
    }
}
