// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.UUID;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.unpack.LayerUnpack;
import org.jspecify.annotations.Nullable;

/// Something in a store that is not visible, while somebody is at work on it. A lock on it says so: what is there without one was left
/// by a process that was killed.
final class Work {
    static final String SESSION = "session-";
    static final String BLOB = "blob-";
    static final String LAYER = "layer-";
    static final String TRASH = "trash-";
    private static final String NAMES = "names-";

    private Work() {}

    /// A file that becomes visible by a new name, or is removed.
    static final class File implements Closeable {
        private final StoreFiles files;
        private final String name;
        private final OpenFile file;
        private boolean moved;

        private File(StoreFiles files, String name, OpenFile file) {
            this.files = files;
            this.name = name;
            this.file = file;
        }

        OpenFile file() {
            return file;
        }

        String name() {
            return name;
        }

        /// Makes it visible in place of what has the name; the store's lock is held.
        void move(OpenDirectory directory, String newName) throws IOException {
            files.work().rename(name, directory, newName);
            moved = true;
        }

        @Override
        public void close() throws IOException {
            try {
                if (!moved) {
                    files.work().remove(name);
                }
            } finally {
                file.close();
            }
        }
    }

    /// A directory that becomes visible by a new name, or is removed with all that is in it.
    static final class Directory implements Closeable {
        private final StoreFiles files;
        private final String name;
        private final OpenDirectory directory;
        private boolean moved;

        private Directory(StoreFiles files, String name, OpenDirectory directory) {
            this.files = files;
            this.name = name;
            this.directory = directory;
        }

        OpenDirectory directory() {
            return directory;
        }

        String name() {
            return name;
        }

        Path path() {
            return files.path().resolve(StoreFiles.WORK).resolve(name);
        }

        /// Makes it visible, unless there is something of that name; the store's lock is held.
        boolean move(OpenDirectory to, String newName) throws IOException {
            moved = files.work().renameNew(name, to, newName);
            return moved;
        }

        @Override
        public void close() throws IOException {
            try {
                if (!moved) {
                    LayerUnpack.remove(path());
                }
            } finally {
                directory.close();
            }
        }
    }

    /// Makes a file. The store's lock keeps it from being taken for rubbish before it is locked.
    static File file(StoreFiles files, String kind) throws IOException {
        OpenFile lock = files.lock(false);
        try {
            return lockedFile(files, kind);
        } finally {
            lock.close();
        }
    }

    /// The same where the store's lock is held.
    private static File lockedFile(StoreFiles files, String kind) throws IOException {
        String name = kind + UUID.randomUUID();
        OpenFile file = files.work().create(name);
        if (!file.tryLock(true)) {
            file.close();
            throw new IOException(file + " is locked by somebody else, who has no business in the store");
        }
        return new File(files, name, file);
    }

    /// Makes a second name of a file in another directory, if that is possible and it is nobody else's.
    static @Nullable File link(StoreFiles files, OpenDirectory from, String name, long uid) throws IOException {
        OpenFile lock = files.lock(false);
        String own = BLOB + UUID.randomUUID();
        try {
            if (!from.tryLink(name, files.work(), own)) {
                return null;
            }
            OpenFile file = tryLinked(files, own, uid);
            if (file == null) {
                files.work().remove(own);
                return null;
            }
            return new File(files, own, file);
        } finally {
            lock.close();
        }
    }

    private static @Nullable OpenFile tryLinked(StoreFiles files, String name, long uid) throws IOException {
        FileStatus status = files.work().status(name);
        if (status == null || !status.isRegular() || status.uid() != uid || status.isSharedForWriting()) {
            return null;
        }
        OpenFile file = files.work().tryFile(name);
        if (file != null && !file.tryLock(true)) {
            file.close();
            return null;
        }
        return file;
    }

    /// Replaces a file of the store by one with other content. The store's lock is held, exclusively.
    static void replace(StoreFiles files, String name, byte[] content) throws IOException {
        try (File file = lockedFile(files, NAMES)) {
            try (OutputStream out = file.file().output()) {
                out.write(content);
            }
            file.file().sync();
            file.move(files.root(), name);
        }
        files.root().sync();
    }

    /// Makes a directory.
    static Directory directory(StoreFiles files, String kind) throws IOException {
        OpenFile lock = files.lock(false);
        try {
            return lockedDirectory(files, kind);
        } finally {
            lock.close();
        }
    }

    /// The same where the store's lock is held.
    static Directory lockedDirectory(StoreFiles files, String kind) throws IOException {
        String name = kind + UUID.randomUUID();
        files.work().makeDirectory(name);
        OpenDirectory directory = files.work().directory(name);
        if (!directory.tryLock(true)) {
            directory.close();
            throw new IOException(directory + " is locked by somebody else, who has no business in the store");
        }
        return new Directory(files, name, directory);
    }
}
