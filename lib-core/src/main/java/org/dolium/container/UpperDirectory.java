// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.dolium.mount.Root;
import org.dolium.rootfs.TreeDeletion;
import org.dolium.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// The upper layer of one container's overlay on disk: a private directory, deleted with the container. Its owner holds a
/// lock on a file in it; what a killed JVM left behind is not locked, and is deleted when the next layer is made.
record UpperDirectory(Path path, @Nullable FileChannel lock) implements Runnable {
    /// What is added to the parent's path at most: a random name and the two directories in it.
    static final int LONGEST_NAME = 40;

    private static final String PREFIX = "dolium-";
    private static final String LASTING = "dolium.";
    private static final int LASTING_DIGITS = 24;
    static final String LOCK = "lock";
    static final String UPPER = "upper";
    private static final String WORK = "work";
    private static final String UID = "unix:uid";
    private static final int ATTEMPTS = 20;

    /// This JVM's own. Its lock files are never opened a second time: fcntl(2) has it that closing any descriptor of a file gives up
    /// all of the process's locks on it, and another JVM would delete the layer of a running container.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    static UpperDirectory create(Path given) throws IOException {
        Path parent = given.toRealPath();
        for (int attempt = 1; ; attempt++) {
            Path path = made(parent);
            try {
                reclaim(parent, Files.getAttribute(path, UID));
                return new UpperDirectory(path, fill(path));
            } catch (IOException e) {
                OWN.remove(path); // the next one deletes it
                if (attempt == ATTEMPTS || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                } // else another JVM took it for a dead one's before it was locked
            }
        }
    }

    /// No other thread of this JVM sees it before it is known to be its own.
    private static Path made(Path parent) throws IOException {
        synchronized (OWN) {
            Path path = Files.createTempDirectory(
                    parent, PREFIX, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            OWN.add(path);
            return path;
        }
    }

    private static boolean isOwn(Path layer) {
        synchronized (OWN) {
            return OWN.contains(layer);
        }
    }

    private static FileChannel fill(Path path) throws IOException {
        FileChannel lock = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            lock.lock(); // waits for whoever deletes it; then there is no directory any more
            makeLayer(path);
            return lock;
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private static void makeLayer(Path path) throws IOException {
        Files.createDirectory(path.resolve(UPPER));
        Files.setPosixFilePermissions(path.resolve(UPPER), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(path.resolve(WORK));
    }

    /// That of a container that outlives this JVM, which nobody deletes but with the container.
    static Path lastingPath(Path parent, String id) throws IOException {
        return parent.toRealPath().resolve(LASTING + id.substring(0, LASTING_DIGITS));
    }

    /// Whether a path is one that [#lastingPath] has given.
    static boolean isLasting(Path path, String id) {
        return path.isAbsolute() && path.endsWith(LASTING + id.substring(0, LASTING_DIGITS));
    }

    /// Makes a directory at the path, or takes that which the container had before: without what overlayfs remembers of a mount that is
    /// gone, because it refuses to mount a layer anew that was never synced.
    static UpperDirectory lasting(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!LayerRecord.isPrivate(path)) {
                throw new IOException("'" + path + "' is not this user's alone: somebody else has made it or may write in it");
            }
        } else {
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (Files.isDirectory(path.resolve(WORK), LinkOption.NOFOLLOW_LINKS)) {
            TreeDeletion.delete(path.resolve(WORK));
        }
        if (Files.isDirectory(path.resolve(UPPER), LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(path.resolve(WORK));
        } else {
            makeLayer(path);
        }
        LayerRecord.delete(path);
        return new UpperDirectory(path, null);
    }

    /// Deletes the layers of this user whose JVM is gone. Anybody may have put something alike into a directory that is for all. A JVM
    /// that was killed before it locked its layer, or when it had deleted all of it, leaves an empty directory.
    private static void reclaim(Path parent, Object uid) throws IOException {
        try (DirectoryStream<Path> layers = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path layer : layers) {
                Path file = layer.resolve(LOCK);
                if (!isOwn(layer) && isName(layer.getFileName().toString()) && isOf(layer, uid)) {
                    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        reclaim(layer, file);
                    } else {
                        deleteEmpty(layer);
                    }
                }
            }
        }
    }

    /// The prefix and a number, as [Files#createTempDirectory] gives it.
    private static boolean isName(String text) {
        for (int i = PREFIX.length(); i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static void deleteEmpty(Path layer) {
        try {
            if (Files.isDirectory(layer, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(layer);
            }
        } catch (IOException e) {
            // it is something else, or is just being filled
        }
    }

    /// The lock last: who is killed meanwhile leaves something that the next one recognizes.
    private static void delete(Path layer) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(layer)) {
            for (Path part : parts) {
                if (!part.endsWith(LOCK)) {
                    TreeDeletion.delete(part);
                }
            }
        }
        TreeDeletion.delete(layer);
    }

    private static boolean isOf(Path layer, Object uid) {
        try {
            return Files.getAttribute(layer, UID, LinkOption.NOFOLLOW_LINKS).equals(uid);
        } catch (IOException e) {
            return false; // it has just gone
        }
    }

    private static void reclaim(Path layer, Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                delete(layer);
            }
        } catch (OverlappingFileLockException e) {
            // a container of this JVM
        } catch (IOException e) {
            // another JVM is faster, or another user's
        }
    }

    /// Tells other JVMs whose it is. A container that ended already, or a full disk, is no reason to fail: it is not found then.
    void record(long pid, ContainerLayers layers) {
        try {
            LayerRecord.write(path, pid, layers);
        } catch (IOException e) {
            // nobody finds it by its pid
        }
    }

    /// The same sandbox with this upper layer.
    SandboxSpec applyTo(SandboxSpec spec) {
        if (!(spec.root() instanceof Root.Overlay overlay)) {
            throw new IllegalStateException("only an overlay has an upper layer");
        }
        Root.Upper upper = new Root.Upper.Disk(
                path.resolve(UPPER).toString(), path.resolve(WORK).toString());
        return spec.withRoot(overlay.withUpper(upper));
    }

    /// Deletes the directory; see [TreeDeletion]. In a user namespace, directories of other ids can't be deleted by
    /// the JVM; that is reported.
    @Override
    public void run() {
        try (lock) {
            delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException("upper layer " + path + " could not be deleted", e);
        } finally {
            OWN.remove(path);
        }
    }
}
