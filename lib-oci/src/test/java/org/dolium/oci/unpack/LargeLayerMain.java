// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;

/// Lets a layer of so many GiB stream through, read or written, as a pull does it, and says how much of the heap it took.
public final class LargeLayerMain {
    private static final int MEBIBYTE = 1 << 20;
    private static final Executor THREADS = task -> Thread.ofPlatform().daemon().start(task);

    private LargeLayerMain() {}

    /// The compressed layer: files of a GiB, of which each MiB is a member of its own; nothing of it is there before it is read.
    private static final class Blob extends InputStream {
        private final List<byte[]> headers = new ArrayList<>();
        private final byte[] mebibyte;
        private final byte[] end;
        private byte[] current = new byte[0];
        private int at;
        private int member;

        Blob(int gibibytes) throws IOException {
            for (int i = 0; i < gibibytes; i++) {
                byte[] header = new byte[512];
                TarArchiveEntry entry = new TarArchiveEntry("file" + i);
                entry.setSize(1L << 30);
                entry.setModTime(0);
                entry.setIds(0, 0);
                entry.setUserName("");
                entry.setGroupName("");
                entry.writeEntryHeader(header);
                headers.add(Layers.gzip(header));
            }
            mebibyte = Layers.gzip(content());
            end = Layers.gzip(new byte[1024]);
        }

        /// 250 times as long as when it is compressed.
        private static byte[] content() {
            byte[] content = new byte[MEBIBYTE];
            byte[] some = new byte[200];
            Random random = new Random(1);
            for (int at = 0; at < content.length; at += 1 << 16) {
                random.nextBytes(some);
                System.arraycopy(some, 0, content, at, some.length);
            }
            return content;
        }

        private byte[] next() {
            int file = member / 1025;
            int part = member++ % 1025;
            if (file < headers.size()) {
                return part == 0 ? headers.get(file) : mebibyte;
            }
            return file == headers.size() && part == 0 ? end : new byte[0];
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            if (at == current.length) {
                current = next();
                at = 0;
            }
            int part = Math.min(length, current.length - at);
            System.arraycopy(current, at, bytes, offset, part);
            at += part;
            return part == 0 && length > 0 ? -1 : part;
        }
    }

    /// @param arguments GiB, digest of the archive, and where it is written; without it is only read
    public static void main(String... arguments) throws Exception {
        int gibibytes = Integer.parseInt(arguments[0]);
        Digest diffId = Digest.parse(arguments[1]);
        Digest digest = Digest.of(new Blob(gibibytes));
        long size = new Blob(gibibytes).transferTo(OutputStream.nullOutputStream());
        VerifiedStream blob = new VerifiedStream(
                new Blob(gibibytes), Descriptor.of(MediaTypes.OCI_LAYER_GZIP, digest, size), "a test");
        VerifiedStream copy = blob.copy();
        THREADS.execute(() -> {
            try {
                blob.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                blob.giveUp(e);
            }
        });
        if (arguments.length > 2) {
            LayerUnpack.apply(copy, diffId, LayerLimits.standard(), Path.of(arguments[2]), Layers.APPLIED, THREADS);
        } else {
            read(LayerReader.open(copy, diffId, LayerLimits.standard(), THREADS));
        }
        long peak = ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        System.out.println("done, at most " + (peak >> 20) + " MiB of heap, " + size + " bytes compressed");
    }

    private static void read(LayerReader layer) throws IOException {
        byte[] buffer = new byte[1 << 17];
        try (layer) {
            while (layer.next() != null) {
                int read = layer.read(buffer, 0, buffer.length);
                while (read >= 0) {
                    read = layer.read(buffer, 0, buffer.length);
                }
            }
        }
    }
}
