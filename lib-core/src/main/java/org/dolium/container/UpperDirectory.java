// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.dolium.mount.Root;
import org.dolium.sandbox.SandboxSpec;

/// The upper layer of one container's overlay on disk: a private directory, deleted with the container. Its owner holds a
/// lock on a file in it; what a killed JVM left behind is not locked, and is deleted when the next layer is made.
record UpperDirectory(Path path, FileChannel lock) implements Runnable {
    /// What is added to the parent's path at most: a random name and the two directories in it.
    static final int LONGEST_NAME = 40;

    private static final String PREFIX = "dolium-";
    static final String LOCK = "lock";
    static final String UPPER = "upper";

    /// This JVM's own. Its lock files are never opened a second time: fcntl(2) has it that closing any descriptor of a file gives up
    /// all of the process's locks on it, and another JVM would delete the layer of a running container.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    static UpperDirectory create(Path given) throws IOException {
        Path parent = given.toRealPath();
        reclaim(parent);
        Path path = Files.createTempDirectory(
                parent, PREFIX, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        OWN.add(path);
        try {
            FileChannel lock = FileChannel.open(
                    path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lock.lock();
            Files.createDirectory(path.resolve(UPPER));
            Files.setPosixFilePermissions(path.resolve(UPPER), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectory(path.resolve("work"));
            return new UpperDirectory(path, lock);
        } catch (IOException e) {
            OWN.remove(path); // the next one deletes it
            throw e;
        }
    }

    /// Deletes the layers whose JVM is gone. One that can't be deleted stays, as it is not ours.
    private static void reclaim(Path parent) throws IOException {
        try (DirectoryStream<Path> layers = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path layer : layers) {
                Path file = layer.resolve(LOCK);
                if (!OWN.contains(layer) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    reclaim(layer, file);
                }
            }
        }
    }

    private static void reclaim(Path layer, Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock != null && Files.exists(layer.resolve("work"), LinkOption.NOFOLLOW_LINKS)) {
                Files.walkFileTree(layer, new Deleter());
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
                path.resolve(UPPER).toString(), path.resolve("work").toString());
        return spec.withRoot(overlay.withUpper(upper));
    }

    /// Deletes the directory. Links are not followed. In a user namespace, directories of other ids can't be deleted by
    /// the JVM; that is reported.
    @Override
    public void run() {
        try (lock) {
            Files.walkFileTree(path, new Deleter());
        } catch (NoSuchFileException e) {
            // deleted by somebody else
        } catch (IOException e) {
            throw new UncheckedIOException("upper layer " + path + " could not be deleted", e);
        } finally {
            OWN.remove(path);
        }
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {
        /// Overlayfs leaves a work directory with no permissions at all.
        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        /// A directory without permissions can't be opened before they are given.
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (Files.isDirectory(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
                Files.walkFileTree(file, new Deleter());
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, java.io.@org.jspecify.annotations.Nullable IOException failure)
                throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
