// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileOwner;
import org.dolium.kernel.FileStatus;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Quoting;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// The root directory of a container during one operation. Every path is walked by the kernel inside of it, once, and gives a handle of
/// what is there; what that is decides whether it is opened. Paths are absolute; links in them are followed inside the root. One thread
/// alone uses it.
final class OpenRoot implements AutoCloseable {
    /// Whom files of ids belong to that the container does not have.
    static final long NOBODY = 65534;

    private static final int PRIVATE = 0600;
    private static final int DIRECTORY = 0755;
    private static final int TRIES = 100;

    private final Fd root;
    private final @Nullable IdMaps uids;
    private final @Nullable IdMaps gids;
    private final @Nullable FileOwner owner;
    private final DirectoryCalls calls;

    /// @param uids how the container's ids are the JVM's, or null if they are the same
    OpenRoot(Fd root, @Nullable IdMaps uids, @Nullable IdMaps gids) {
        this.root = root;
        this.uids = uids;
        this.gids = gids;
        this.owner = owner(uids, gids);
        this.calls = new DirectoryCalls(owner);
    }

    /// What the JVM's root makes belongs to the container's root. Another user's JVM makes files as itself, and is its own container's
    /// user.
    private static @Nullable FileOwner owner(@Nullable IdMaps uids, @Nullable IdMaps gids) {
        if (uids == null || gids == null || RootSource.user() != 0) {
            return null;
        }
        long uid = uids.outside(uids.firstInside());
        long gid = gids.outside(gids.firstInside());
        return uid == 0 && gid == 0 ? null : FileOwner.of(uid, gid);
    }

    DirectoryCalls calls() {
        return calls;
    }

    FileStatus status(Fd handle) throws ErrnoException {
        return calls.status(handle);
    }

    /// The JVM's number of an id of the container.
    long outside(boolean user, long id) throws IOException {
        IdMaps maps = user ? uids : gids;
        if (maps == null || id < 0) {
            return id;
        }
        long outside = maps.outside(id);
        if (outside < 0) {
            throw new IOException((user ? "user " : "group ") + id + " is not mapped in the container's user namespace " + maps);
        }
        return outside;
    }

    /// The container's number of an id of the JVM.
    long inside(boolean user, long id) {
        IdMaps maps = user ? uids : gids;
        if (maps == null) {
            return id;
        }
        for (IdMap extent : maps.extents()) {
            if (id >= extent.outside() && id < extent.outside() + extent.count()) {
                return extent.inside() + id - extent.outside();
            }
        }
        return NOBODY;
    }

    static byte[] bytes(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("path '" + Quoting.printable(path) + "' is not absolute");
        }
        return FileNames.encode(path);
    }

    /// A handle of what has the path, or the negative error number.
    long tryHandle(String path, boolean follow) {
        int flags = DirectoryCalls.O_PATH | (follow ? 0 : DirectoryCalls.O_NOFOLLOW);
        return calls.tryOpen(root, bytes(path), flags, 0, DirectoryCalls.IN_ROOT);
    }

    /// A handle of what has the path.
    Fd handle(String path, boolean follow) throws IOException {
        return new Fd((int) FileFailures.check(tryHandle(path, follow), "openat2", path));
    }

    /// A name in a directory that is held.
    record Place(Fd directory, byte[] name) implements AutoCloseable {
        @Override
        public void close() {
            directory.close();
        }
    }

    /// Where the last name of a path is, whatever it is.
    ///
    /// @param making whether directories that are missing on the way are made
    Place place(String path, boolean making) throws IOException {
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        int slash = path.lastIndexOf('/', end - 1);
        byte[] name = FileNames.encode(path.substring(slash + 1, end));
        bytes(path);
        String last = path.substring(slash + 1, end);
        if (last.isEmpty() || last.equals(".") || last.equals("..")) {
            throw new FileSystemException(Quoting.printable(path), null, "its last part is no name");
        }
        String parent = slash == 0 ? "/" : path.substring(0, slash);
        Fd directory = making ? madeDirectory(parent) : directory(parent);
        return checked(new Place(directory, name), path);
    }

    private Place checked(Place place, String path) throws IOException {
        try {
            checkNotKernels(place.directory, path);
            return place;
        } catch (IOException e) {
            place.close();
            throw e;
        }
    }

    private long tryDirectory(String path) {
        return calls.tryOpen(root, bytes(path), DirectoryCalls.O_PATH | DirectoryCalls.O_DIRECTORY, 0, DirectoryCalls.IN_ROOT);
    }

    private Fd directory(String path) throws IOException {
        return new Fd((int) FileFailures.check(tryDirectory(path), "openat2", path));
    }

    /// A directory, made with those above it where it is missing. Each is made in one that is held.
    private Fd madeDirectory(String path) throws IOException {
        long opened = tryDirectory(path);
        for (int i = 0; opened == -Errno.ENOENT.value() && i < TRIES; i++) {
            try (Place place = place(path, true)) {
                long made = calls.tryMakeDirectory(place.directory, place.name, DIRECTORY);
                if (made != -Errno.EEXIST.value()) {
                    FileFailures.check(made, "mkdirat", path);
                }
            }
            opened = tryDirectory(path);
        }
        return new Fd((int) FileFailures.check(opened, "openat2", path));
    }

    /// Neither the kernel's settings nor what it tells of processes are files to be copied: a container may have them mounted anywhere
    /// and link to them, and who writes there has the JVM's rights.
    void checkNotKernels(Fd handle, String path) throws IOException {
        if (isKernels(calls, handle)) {
            throw new FileSystemException(Quoting.printable(path), null, "it is on a file system of the kernel's own, as /proc is");
        }
    }

    static boolean isKernels(DirectoryCalls calls, Fd handle) throws ErrnoException {
        return KernelFileSystems.has(calls.fileSystem(handle));
    }

    /// Opens a regular file that is there.
    ///
    /// @param flags whether to read or write, or both
    Fd open(String path, boolean follow, int flags) throws IOException {
        try (Fd handle = handle(path, follow)) {
            return reopen(handle, path, flags);
        }
    }

    private Fd reopen(Fd handle, String path, int flags) throws IOException {
        FileStatus status = calls.status(handle);
        if (!status.isRegular()) {
            throw new FileSystemException(Quoting.printable(path), null, status.isDirectory() ? "is a directory" : "is no regular file");
        }
        checkNotKernels(handle, path);
        return new Fd((int) FileFailures.check(calls.tryReopen(handle, flags), "openat", path));
    }

    /// Opens a directory for the names in it.
    Fd openDirectory(String path) throws IOException {
        try (Fd handle = handle(path, true)) {
            if (!calls.status(handle).isDirectory()) {
                throw new NotDirectoryException(Quoting.printable(path));
            }
            checkNotKernels(handle, path);
            return new Fd((int) FileFailures.check(calls.tryReopen(handle, DirectoryCalls.O_DIRECTORY), "openat", path));
        }
    }

    /// Makes a file that nobody else can open yet.
    Fd create(String path, boolean making) throws IOException {
        long made = tryCreate(path, making);
        if (made == -Errno.EEXIST.value()) {
            throw new FileAlreadyExistsException(Quoting.printable(path));
        }
        return new Fd((int) FileFailures.check(made, "openat2", path));
    }

    private long tryCreate(String path, boolean making) throws IOException {
        try (Place place = place(path, making)) {
            int flags = DirectoryCalls.O_RDWR | DirectoryCalls.O_CREAT_EXCL | DirectoryCalls.O_NOFOLLOW;
            return calls.tryOpen(place.directory, place.name, flags, PRIVATE, DirectoryCalls.BENEATH);
        }
    }

    /// A file for writing.
    ///
    /// @param made whether it was not there
    record Opened(Fd file, boolean made) {}

    /// Opens the regular file that is there, or makes one that nobody else can open yet.
    ///
    /// @param making whether directories that are missing on the way are made
    Opened openOrCreate(String path, boolean making, int flags) throws IOException {
        long result = 0;
        for (int i = 0; i < TRIES; i++) { // somebody may remove it, or make one, meanwhile
            result = tryHandle(path, true);
            if (!Kernel.failed(result)) {
                try (Fd handle = new Fd((int) result)) {
                    return new Opened(reopen(handle, path, flags), false);
                }
            }
            if (result != -Errno.ENOENT.value()) {
                throw FileFailures.of(result, "openat2", path);
            }
            result = tryCreate(path, making);
            if (result != -Errno.EEXIST.value()) {
                return new Opened(new Fd((int) FileFailures.check(result, "openat2", path)), true);
            }
        }
        throw new FileSystemException(Quoting.printable(path), null, "it is a link to what is not there");
    }

    @Override
    public void close() {
        calls.close();
        if (owner != null) {
            owner.close();
        }
        root.close();
    }
}
