// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Digest;
import org.dolium.oci.unpack.LayerEntry.Extent;
import org.jspecify.annotations.Nullable;

/// Reads what a layer has, entry by entry, and has no effects. There is nothing right in it before the last [#next]: only that one
/// says that digests and end are as they should be. Not thread-safe.
public final class LayerReader implements Closeable {
    private final String layer;
    private final PlainInput input;
    private final LayerLimits limits;
    private final byte[] skipped = new byte[1 << 14];
    private String place = "";
    private long left;
    private int padding;
    private int count;
    private long files;
    private boolean ended;

    private LayerReader(String layer, PlainInput input, LayerLimits limits) {
        this.layer = layer;
        this.input = input;
        this.limits = limits;
    }

    /// @param blob the layer; it is closed with the reader
    /// @param diffId the digest of its archive, from the configuration of the image
    public static LayerReader open(VerifiedStream blob, Digest diffId, LayerLimits limits) throws IOException {
        return open(blob, diffId, limits, null);
    }

    /// The same, decompressed by another thread.
    ///
    /// @param blob which stops waiting when it is closed by the thread that reads
    /// @param threads gives that thread, or null for none
    static LayerReader open(VerifiedStream blob, Digest diffId, LayerLimits limits, @Nullable Executor threads)
            throws IOException {
        String layer = "layer " + blob.descriptor().digest();
        try {
            return new LayerReader(layer, new PlainInput(blob, diffId, limits, threads), limits);
        } catch (LayerException e) {
            throw new LayerException(layer + ": " + e.getMessage(), e);
        }
    }

    /// The next entry, or null when all were given, and compressed and plain content were found to be what they should be. What is
    /// left of the last file is passed over.
    ///
    /// @throws LayerException if the layer is refused
    /// @throws org.dolium.oci.blob.WrongContentException if it is not the one that it should be
    public @Nullable LayerEntry next() throws IOException {
        if (ended) {
            return null;
        }
        try {
            pass();
            LayerEntry entry = advance();
            if (entry == null) {
                place = "";
                input.verify();
                ended = true;
            }
            return entry;
        } catch (LayerException e) {
            throw placed(e);
        }
    }

    /// Some of the content of the last file, without its holes, or -1 at its end.
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            return left == 0 ? -1 : some(bytes, offset, length);
        } catch (LayerException e) {
            throw placed(e);
        }
    }

    private int some(byte[] bytes, int offset, int length) throws IOException {
        int read = input.read(bytes, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw new LayerException("its archive ends in the middle of a header or file");
        }
        left -= read;
        return read;
    }

    private LayerException placed(LayerException e) {
        return new LayerException(layer + place + ": " + e.getMessage(), e);
    }

    private void pass() throws IOException {
        for (left += padding, padding = 0; left > 0; ) {
            some(skipped, 0, skipped.length);
        }
    }

    private @Nullable LayerEntry advance() throws IOException {
        Headers headers = new Headers();
        for (HeaderBlock block = header(); block != null; block = header()) {
            switch (block.type()) {
                case 'x' -> headers.pax(body(block));
                case 'g' -> PaxRecords.parse(body(block)).checkGlobal();
                case 'L' -> headers.longName(body(block));
                case 'K' -> headers.longLink(body(block));
                default -> {
                    LayerEntry entry = entry(block, headers);
                    if (entry != null) {
                        return entry;
                    }
                    headers = new Headers();
                }
            }
        }
        if (!headers.isEmpty()) {
            throw new LayerException("its archive ends with an extended header that belongs to nothing");
        }
        return null;
    }

    /// The next one, or null at the end of the archive: two blocks of zeros, or, as some write it, one or none.
    private @Nullable HeaderBlock header() throws IOException {
        pass();
        byte[] bytes = new byte[HeaderBlock.SIZE];
        place = ", after entry " + count;
        if (!input.readBlock(bytes)) {
            return null;
        }
        HeaderBlock block = new HeaderBlock(bytes);
        if (block.isZero()) {
            zerosToTheEnd();
            return null;
        }
        if (++count > limits.entries()) {
            throw new LayerException("it has more than " + limits.entries() + " entries");
        }
        place = ", entry " + count;
        block.checkSum();
        return block;
    }

    private void zerosToTheEnd() throws IOException {
        for (int read = input.read(skipped, 0, skipped.length); read >= 0; read = input.read(skipped, 0, skipped.length)) {
            for (int i = 0; i < read; i++) {
                if (skipped[i] != 0) {
                    throw new LayerException("something follows the end of its archive");
                }
            }
        }
    }

    private byte[] body(HeaderBlock block) throws IOException {
        long size = block.size();
        if (size > LayerLimits.EXTENSION) {
            throw new LayerException("it has an extended header of more than " + LayerLimits.EXTENSION + " bytes");
        }
        byte[] body = new byte[(int) size];
        if (size > 0 && !input.readBlock(body)) {
            throw new LayerException("its archive ends in the middle of a header or file");
        }
        left = 0;
        padding = padding(size);
        return body;
    }

    /// An entry, or null if it means nothing.
    private @Nullable LayerEntry entry(HeaderBlock block, Headers headers) throws IOException {
        byte[] name = headers.name(block);
        place = ", entry " + count + " " + LayerPath.shown(name);
        LayerPath path = LayerPath.parse(name, limits.depth());
        char type = block.type();
        boolean slash = name.length > 0 && name[name.length - 1] == '/';
        boolean file = type == '0' || type == '\0' && !slash || type == '7' || type == 'S';
        long size = headers.size(block, file);
        left = size;
        padding = padding(size);
        if (EntryFactory.isAufs(path)) {
            return null;
        }
        LayerEntry removal = EntryFactory.removal(path, type, size);
        EntryFactory.checkNames(path, removal == null ? path.depth() : path.depth() - 1);
        if (removal != null) {
            return removal;
        }
        return file ? file(path, slash, size, block, headers) : other(path, block, headers);
    }

    private LayerEntry other(LayerPath path, HeaderBlock block, Headers headers) throws LayerException {
        if (headers.records().isSparse()) {
            throw new LayerException("it is sparse, and no file");
        }
        if (block.type() == '\0') {
            return new LayerEntry.Directory(path, headers.metadata(block)); // from before there were types
        }
        return EntryFactory.entry(path, block, headers, limits.depth());
    }

    private LayerEntry file(LayerPath path, boolean slash, long size, HeaderBlock block, Headers headers) throws IOException {
        if (path.isRoot() || slash) {
            throw new LayerException("it is a file with the name of a directory");
        }
        SparseMap map = sparse(size, block, headers);
        left = map.packed();
        files += map.size();
        if (map.size() > limits.bytes() || files > limits.bytes()) {
            throw new LayerException("the files of the layer have more than " + limits.bytes() + " bytes");
        }
        return new LayerEntry.File(path, headers.metadata(block), map.size(), map.extents());
    }

    private SparseMap sparse(long size, HeaderBlock block, Headers headers) throws IOException {
        boolean pax = headers.records().isSparse();
        if (block.type() == 'S') {
            if (pax || !block.isGnu() || headers.records().has("size")) {
                throw new LayerException("it is a sparse file in two formats at once");
            }
            return SparseMap.gnu(block, size, this::block);
        }
        return pax ? SparseMap.pax(headers.records(), size, this::block) : SparseMap.whole(size);
    }

    private byte[] block() throws IOException {
        byte[] bytes = new byte[HeaderBlock.SIZE];
        if (!input.readBlock(bytes)) {
            throw new LayerException("its archive ends in the middle of a header or file");
        }
        return bytes;
    }

    private static int padding(long size) {
        return (int) (-size & HeaderBlock.SIZE - 1);
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
