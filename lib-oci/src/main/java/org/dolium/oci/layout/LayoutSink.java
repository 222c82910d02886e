// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Index;

/// A directory with a layout of the OCI image specification that is written, perhaps by several at once. Files are written under
/// another name and renamed when they are whole and on the disk.
final class LayoutSink implements ImageSink {
    /// One change of an index at a time within this JVM; between JVMs a file is locked that nobody opens for anything else, as the
    /// kernel takes the lock away when any descriptor of the file is closed. Who has the lock removes the file.
    private static final Object ONE = new Object();
    private static final String LOCK = ".dolium-lock";
    private static final String PART = ".dolium-part-";
    /// Parts that nobody has written to for so long are left over from a JVM that was killed.
    private static final Duration FORGOTTEN = Duration.ofDays(1);
    private static final long LARGEST_MARK = 1L << 30;

    private final Path root;

    LayoutSink(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root);
        sweep();
        if (Files.notExists(root.resolve("oci-layout"), LinkOption.NOFOLLOW_LINKS)) {
            write(root.resolve("oci-layout"), LayoutNames.VERSION_FILE.getBytes(StandardCharsets.UTF_8));
        }
        try (DirectoryFiles files = new DirectoryFiles(root)) {
            LayoutNames.checkVersion(files);
        }
        locked(() -> {
            if (Files.notExists(root.resolve("index.json"), LinkOption.NOFOLLOW_LINKS)) {
                write(root.resolve("index.json"), Index.of(List.of()).toJson());
            }
        });
    }

    @Override
    public boolean has(Descriptor content) throws IOException {
        try (DirectoryFiles files = new DirectoryFiles(root)) {
            ImageFiles.Content file = files.open(LayoutSource.path(content.digest()));
            if (file != null) {
                file.in().close();
            }
            return file != null && file.size() == content.size();
        }
    }

    @Override
    public void put(VerifiedStream content) throws IOException {
        Path target = root.resolve(LayoutSource.path(content.descriptor().digest()));
        for (Path directory : List.of(root.resolve("blobs"), target.getParent())) {
            make(directory);
        }
        write(target, content);
    }

    /// Makes a directory, unless it is there or another writer is first.
    private static void make(Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        }
    }

    @Override
    public void publish(Descriptor document, List<String> names) throws IOException {
        if (!has(document)) {
            throw new NoSuchFileException(document.digest().toString(), null, "it is not in '" + root + "'");
        }
        locked(() -> {
            try (LayoutSource source = new LayoutSource(new DirectoryFiles(root))) {
                write(root.resolve("index.json"), LayoutNames.with(source.index(), document, names).toJson());
            }
        });
    }

    private interface Change {
        void make() throws IOException;
    }

    private void locked(Change change) throws IOException {
        Path file = root.resolve(LOCK);
        synchronized (ONE) {
            for (boolean done = false; !done; ) {
                try (FileChannel channel = FileChannel.open(
                                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                        FileLock lock = channel.lock()) {
                    if (lock.isValid() && isThere(file, channel)) {
                        try {
                            change.make();
                        } finally {
                            Files.delete(file);
                        }
                        done = true;
                    }
                }
            }
        }
    }

    /// Whether the file that is locked still has its name: whoever had the lock before has removed it. It is known by its size, a
    /// number that is drawn by lot, as Java tells no more of a file that is open, and opening the name would end the lock.
    private static boolean isThere(Path file, FileChannel locked) throws IOException {
        long mark = 1 + ThreadLocalRandom.current().nextLong(LARGEST_MARK);
        locked.truncate(0);
        locked.write(ByteBuffer.allocate(1), mark - 1);
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).size() == mark;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void sweep() throws IOException {
        FileTime oldest = FileTime.from(Instant.now().minus(FORGOTTEN));
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(root, PART + "*")) {
            for (Path part : parts) {
                try {
                    if (Files.getLastModifiedTime(part, LinkOption.NOFOLLOW_LINKS).compareTo(oldest) < 0) {
                        Files.deleteIfExists(part);
                    }
                } catch (NoSuchFileException e) { // it has got its name meanwhile
                    continue;
                }
            }
        }
    }

    private void write(Path target, byte[] bytes) throws IOException {
        write(target, Contents.stream(Descriptor.of("application/json", bytes), bytes));
    }

    private void write(Path target, VerifiedStream content) throws IOException {
        Path part = root.resolve(PART + UUID.randomUUID());
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    OutputStream out = Channels.newOutputStream(channel)) {
                content.transferTo(out);
                channel.force(true);
            }
            if (!content.isVerified()) {
                throw new AssertionError("a stream that ends is verified");
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            sync(target.getParent());
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /// Makes the names in a directory survive a loss of power.
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
}
