// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.Index;
import org.jspecify.annotations.Nullable;

/// The directories of a store, opened once and verified to be its user's alone, and its lock.
///
/// Shared, the lock is held for a moment by whoever makes something visible or promises to use something that is there. Exclusive, it
/// is held by whoever changes names or decides what is collected. Nobody holds it while content is transferred.
final class StoreFiles implements AutoCloseable {
    static final String INDEX = "index.json";
    static final String BLOBS = "blobs";
    static final String LAYERS = "layers";
    static final String WORK = "work";

    private static final String LAYOUT = "oci-layout";
    private static final String LOCK = "lock";
    private static final long PATIENCE = 60_000;

    private final Path path;
    private final OpenDirectory root;
    private final OpenDirectory work;
    private final long uid;
    private final Map<String, OpenDirectory> directories = new ConcurrentHashMap<>();

    private @Nullable OpenFile indexFile;
    private @Nullable FileStatus indexStatus;
    private @Nullable StoreIndex index;

    private StoreFiles(Path path, OpenDirectory root, OpenDirectory work, long uid) {
        this.path = path;
        this.root = root;
        this.work = work;
        this.uid = uid;
    }

    static StoreFiles open(Path directory) throws IOException {
        Path path = made(directory);
        OpenDirectory root = entered(path);
        try {
            StoreFormat.checkOwner(root);
            if (!StoreFormat.check(root)) {
                List<String> names = root.names();
                if (!names.contains(LOCK)) { // nobody makes one here
                    checkEmpty(root, names);
                }
                syncName(path); // whoever made it
                make(root);
            }
            return new StoreFiles(path, root, checked(root.directory(WORK)), StoreFormat.uid());
        } catch (IOException e) {
            root.close();
            throw e;
        }
    }

    private static OpenDirectory entered(Path path) throws IOException {
        try {
            return OpenDirectory.open(path);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.EACCES)) {
                throw new IOException("'" + path + "' belongs to '" + Files.getOwner(path) + "', and this JVM has uid " + StoreFormat.uid()
                        + ": each user has a store of their own", e);
            }
            throw e;
        }
    }

    private static OpenDirectory checked(OpenDirectory directory) throws IOException {
        try {
            StoreFormat.checkOwner(directory);
            return directory;
        } catch (IOException e) {
            directory.close();
            throw e;
        }
    }

    private static Path made(Path directory) throws IOException {
        Path path = directory.toAbsolutePath();
        if (!Files.isDirectory(path)) {
            makeAbove(path.getParent());
            make(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return path.toRealPath();
    }

    private static void makeAbove(@Nullable Path directory) throws IOException {
        if (directory != null && !Files.isDirectory(directory)) {
            makeAbove(directory.getParent());
            make(directory);
            syncName(directory);
        }
    }

    private static void make(Path directory, FileAttribute<?>... attributes) throws IOException {
        try {
            Files.createDirectory(directory, attributes);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    /// Waits until a directory's own name is on the disk: its parent's, or where that can't be read, all that its file system has.
    private static void syncName(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent == null) {
            return;
        }
        try (OpenDirectory above = OpenDirectory.open(parent.toRealPath())) {
            above.sync();
        } catch (ErrnoException e) {
            if (!e.errno().equals(Errno.EACCES)) {
                throw e;
            }
            try (OpenDirectory itself = OpenDirectory.open(directory)) {
                itself.syncAll();
            }
        }
    }

    /// Makes what a store has, its mark last: what was killed before is made again.
    private static void make(OpenDirectory root) throws IOException {
        OpenFile lock = lock(root, true);
        try {
            if (StoreFormat.check(root)) {
                return;
            }
            checkEmpty(root, root.names());
            for (String name : new String[] {WORK, BLOBS, LAYERS}) {
                root.makeDirectory(name);
            }
            write(root, LAYOUT, "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
            write(root, INDEX, Index.of(List.of()).toJson());
            root.sync();
            write(root, StoreFormat.FILE, StoreFormat.text());
            root.sync();
        } finally {
            lock.close();
        }
    }

    /// A store is never made of a directory that has something else.
    private static void checkEmpty(OpenDirectory root, List<String> names) throws IOException {
        List<String> others = new ArrayList<>(names);
        others.removeAll(List.of(WORK, BLOBS, LAYERS, LAYOUT, INDEX, LOCK, StoreFormat.FILE + ".new", LAYOUT + ".new", INDEX + ".new"));
        for (String name : new String[] {BLOBS, LAYERS}) {
            OpenDirectory directory = root.tryDirectory(name);
            if (directory != null) {
                others.addAll(directory.names());
                directory.close();
            }
        }
        if (!others.isEmpty()) {
            throw new IOException(root + " is no store of images, and not empty; images of an OCI layout can be imported into a store");
        }
    }

    private static void write(OpenDirectory root, String name, byte[] content) throws IOException {
        root.remove(name + ".new");
        OpenFile file = root.create(name + ".new");
        try (java.io.OutputStream out = file.output()) {
            out.write(content);
            file.sync();
        } finally {
            file.close();
        }
        root.rename(name + ".new", root, name);
    }

    Path path() {
        return path;
    }

    OpenDirectory root() {
        return root;
    }

    /// What is not visible yet, and not any more.
    OpenDirectory work() {
        return work;
    }

    /// The names as they are now. The file that was read last is kept open, so that no other one can look like it.
    synchronized StoreIndex index() throws IOException {
        FileStatus now = root.status(INDEX);
        if (index != null && indexFile != null && now != null && now.equals(indexStatus)) {
            return index;
        }
        OpenFile file = root.tryFile(INDEX);
        if (file == null) {
            throw new IOException(root + " is damaged: it has no index.json, which has the names of all its images");
        }
        closeIndex();
        indexFile = file;
        indexStatus = file.status();
        index = StoreIndex.read(file);
        return index;
    }

    private void closeIndex() {
        index = null;
        if (indexFile != null) {
            indexFile.close();
        }
    }

    /// Waits for the lock, which ends when the file is closed.
    OpenFile lock(boolean exclusive) throws IOException {
        return lock(root, exclusive);
    }

    private static OpenFile lock(OpenDirectory root, boolean exclusive) throws IOException {
        OpenFile file = root.tryFileForWriting(LOCK);
        if (file == null) {
            file = made(root);
        }
        try {
            file.lock(exclusive, PATIENCE);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static OpenFile made(OpenDirectory root) throws IOException {
        try {
            return root.create(LOCK);
        } catch (ErrnoException e) {
            OpenFile file = root.tryFileForWriting(LOCK);
            if (file == null) {
                throw e;
            }
            return file;
        }
    }

    /// The directory of a kind and an algorithm, or null if nothing was put there yet.
    @Nullable OpenDirectory directory(String kind, String algorithm) throws IOException {
        OpenDirectory known = directories.get(kind + "/" + algorithm);
        return known == null ? opened(kind, algorithm, false) : known;
    }

    /// The directory of a kind and an algorithm, which is made if need be.
    OpenDirectory madeDirectory(String kind, String algorithm) throws IOException {
        OpenDirectory known = directories.get(kind + "/" + algorithm);
        OpenDirectory made = known == null ? opened(kind, algorithm, true) : known;
        if (made == null) {
            throw new java.nio.file.NoSuchFileException(path + "/" + kind + "/" + algorithm);
        }
        return made;
    }

    private synchronized @Nullable OpenDirectory opened(String kind, String algorithm, boolean make) throws IOException {
        OpenDirectory known = directories.get(kind + "/" + algorithm);
        if (known != null) {
            return known;
        }
        try (OpenDirectory above = root.directory(kind)) {
            StoreFormat.checkOwner(above);
            if (make && above.makeDirectory(algorithm)) {
                above.sync();
            }
            OpenDirectory opened = above.tryDirectory(algorithm);
            if (opened != null) {
                directories.put(kind + "/" + algorithm, checked(opened));
            }
            return opened;
        }
    }

    /// Whether a blob is there with the size that its descriptor says.
    boolean hasBlob(Descriptor content) throws IOException {
        OpenDirectory directory = directory(BLOBS, content.digest().algorithm());
        FileStatus status = directory == null ? null : directory.status(content.digest().hex());
        return status != null && status.isRegular() && status.size() == content.size();
    }

    /// The file of a blob, or null if it is not there.
    @Nullable OpenFile blob(Digest digest) throws IOException {
        OpenDirectory directory = directory(BLOBS, digest.algorithm());
        OpenFile file = directory == null ? null : directory.tryFile(digest.hex());
        if (file != null) {
            FileStatus status = file.status();
            if (status.uid() != uid || status.isSharedForWriting()) {
                file.close();
                throw new IOException(file + " belongs to uid " + status.uid() + " with mode 0"
                        + Integer.toOctalString(status.mode() & 07777) + ": somebody else changed the store");
            }
        }
        return file;
    }

    boolean hasLayer(Digest chainId) throws IOException {
        OpenDirectory directory = directory(LAYERS, chainId.algorithm());
        FileStatus status = directory == null ? null : directory.status(chainId.hex());
        return status != null && status.isDirectory();
    }

    /// Makes sure that the store's path still names the directory that was opened.
    void checkPlace() throws IOException {
        try (OpenDirectory now = OpenDirectory.open(path)) {
            if (!now.status().isSame(root.status())) {
                throw new IOException(root + " was replaced by another directory while it was in use");
            }
        }
    }

    @Override
    public synchronized void close() {
        closeIndex();
        for (OpenDirectory directory : directories.values()) {
            directory.close();
        }
        work.close();
        root.close();
    }
}
