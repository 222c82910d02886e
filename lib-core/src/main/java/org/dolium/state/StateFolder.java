// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileStatus;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// An open directory that only its owner can enter, and names in it. A name is one name: no link is followed, and what does not belong
/// to this user alone is refused, whoever put it there.
public final class StateFolder implements AutoCloseable {
    private static final int PRIVATE_DIRECTORY = 0700;
    private static final int PRIVATE_FILE = 0600;
    private static final int OTHERS = 0077;
    private static final String NEW = ".new";
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private final Fd fd;
    private final String shown;

    private StateFolder(Fd fd, String shown) {
        this.fd = fd;
        this.shown = shown;
    }

    /// For calls that need a descriptor, which stays this object's.
    public Fd fd() {
        return fd;
    }

    @Override
    public String toString() {
        return shown;
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private String shown(String name) {
        return shown + "/" + name;
    }

    /// Opens a directory, and makes it if it is missing.
    static StateFolder openOrMake(Fd at, String above, String name) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            long made = calls.tryMakeDirectory(at, bytes(name), PRIVATE_DIRECTORY);
            if (made != -Errno.EEXIST.value()) {
                DirectoryCalls.check(made, "mkdirat", bytes(above + "/" + name));
            }
            StateFolder found = open(calls, at, above + "/" + name, name);
            if (found == null) {
                throw new IOException("'" + above + "/" + name + "' was removed while it was made");
            }
            return found;
        }
    }

    /// @return null if there is nothing of that name
    private static @Nullable StateFolder open(DirectoryCalls calls, Fd at, String shown, String name) throws IOException {
        Fd handle = handle(calls, at, shown, name);
        if (handle == null) {
            return null;
        }
        try (handle) {
            FileStatus status = calls.status(handle);
            if (!status.isDirectory()) {
                throw new IOException("'" + shown + "' is no directory");
            }
            checkOwn(status, shown);
            if (status.permissions() != PRIVATE_DIRECTORY) { // the umask of who made it took away more
                DirectoryCalls.check(calls.tryMode(handle, PRIVATE_DIRECTORY), "fchmodat", bytes(shown));
            }
            long opened = calls.tryReopen(handle, DirectoryCalls.O_DIRECTORY);
            return new StateFolder(new Fd((int) DirectoryCalls.check(opened, "openat", bytes(shown))), shown);
        }
    }

    private static @Nullable Fd handle(DirectoryCalls calls, Fd at, String shown, String name) throws IOException {
        long found = calls.tryOpen(
                at, bytes(name), DirectoryCalls.O_PATH | DirectoryCalls.O_NOFOLLOW, 0, DirectoryCalls.BENEATH);
        if (found == -Errno.ENOENT.value()) {
            return null;
        }
        if (found == -Errno.ELOOP.value()) {
            throw new IOException("'" + shown + "' is a symbolic link; nobody but an intruder makes one there");
        }
        return new Fd((int) DirectoryCalls.check(found, "openat2", bytes(shown)));
    }

    private static void checkOwn(FileStatus status, String shown) throws IOException {
        long uid = OwnUser.effective();
        if (status.uid() != uid) {
            throw new IOException("'" + shown + "' belongs to uid " + status.uid() + ", and not to this user, " + uid);
        }
        if ((status.permissions() & OTHERS) != 0) {
            throw new IOException("'" + shown + "' has the permissions 0" + Integer.toOctalString(status.permissions())
                    + ": others than its owner may use it");
        }
    }

    /// A directory in it.
    ///
    /// @return null if there is none
    public @Nullable StateFolder tryFolder(String name) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            return open(calls, fd, shown(name), name);
        }
    }

    /// A directory in it, which is made if it is missing.
    public StateFolder folder(String name) throws IOException {
        return openOrMake(fd, shown, name);
    }

    /// A regular file in it.
    ///
    /// @param flags open(2) flags
    /// @return null if there is none
    public @Nullable Fd tryFile(String name, int flags) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            Fd handle = handle(calls, fd, shown(name), name);
            if (handle == null) {
                return null;
            }
            try (handle) {
                FileStatus status = calls.status(handle);
                if (!status.isRegular()) {
                    throw new IOException("'" + shown(name) + "' is no regular file");
                }
                checkOwn(status, shown(name));
                if (status.links() > 1) {
                    throw new IOException("'" + shown(name) + "' has another name elsewhere; nobody but an intruder makes one");
                }
                long opened = calls.tryReopen(handle, flags);
                return new Fd((int) DirectoryCalls.check(opened, "openat", bytes(shown(name))));
            }
        }
    }

    /// Makes a file.
    ///
    /// @throws ErrnoException also if there is something of that name
    public Fd create(String name) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            long made = calls.tryOpen(
                    fd, bytes(name), DirectoryCalls.O_RDWR | DirectoryCalls.O_CREAT_EXCL | DirectoryCalls.O_NOFOLLOW, PRIVATE_FILE,
                    DirectoryCalls.BENEATH);
            Fd file = new Fd((int) DirectoryCalls.check(made, "openat2", bytes(shown(name))));
            try {
                long mode = Kernel.call(Sys.FCHMOD, file.number(), PRIVATE_FILE, 0); // whatever the umask is
                DirectoryCalls.check(mode, "fchmod", bytes(shown(name)));
                return file;
            } catch (ErrnoException e) {
                file.close();
                throw e;
            }
        }
    }

    /// The whole content of a file.
    ///
    /// @return null if there is none
    /// @throws IOException also if it is longer than `most`
    public byte @Nullable [] read(String name, int most) throws IOException {
        return read(name, most, false);
    }

    /// The first bytes of a file.
    ///
    /// @return null if there is none
    public byte @Nullable [] readHead(String name, int most) throws IOException {
        return read(name, most, true);
    }

    private byte @Nullable [] read(String name, int most, boolean cuts) throws IOException {
        Fd file = tryFile(name, 0);
        if (file == null) {
            return null;
        }
        try (file;
                DirectoryCalls calls = new DirectoryCalls(null);
                Arena arena = Arena.ofConfined()) {
            long length = calls.status(file).size();
            if (cuts) {
                length = Math.min(length, most);
            }
            if (length > most) {
                throw new IOException("'" + shown(name) + "' is longer than " + most + " bytes");
            }
            Memory memory = Memory.allocate(arena, (int) length + 1);
            int size = 0;
            while (size < length) {
                long n = Kernel.call(Sys.READ, file.number(), memory.address() + size, length - size);
                size += (int) DirectoryCalls.check(n, "read", bytes(shown(name)));
                if (n == 0) {
                    break;
                }
            }
            return memory.head(size);
        }
    }

    /// Writes a file as a whole: who reads it sees what was there before, or all of this.
    public void write(String name, byte[] content) throws IOException {
        remove(name + NEW);
        try (Fd file = create(name + NEW)) {
            file.write(content, shown(name));
            DirectoryCalls.check(Kernel.call(Sys.FSYNC, file.number(), 0, 0), "fsync", bytes(shown(name)));
        }
        rename(name + NEW, name);
    }

    /// As [#write], if there is nothing of that name.
    ///
    /// @return whether there was nothing
    boolean writeNew(String name, byte[] content) throws IOException {
        String part = "." + name + NEW;
        remove(part);
        try (Fd file = create(part)) {
            file.write(content, shown(name));
        }
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            long renamed = calls.tryRename(fd, bytes(part), fd, bytes(name), DirectoryCalls.RENAME_NOREPLACE);
            if (renamed == -Errno.EEXIST.value()) {
                remove(part);
                return false;
            }
            DirectoryCalls.check(renamed, "renameat2", bytes(shown(name)));
            return true;
        }
    }

    public void rename(String name, String to) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            DirectoryCalls.check(calls.tryRename(fd, bytes(name), fd, bytes(to), 0), "renameat2", bytes(shown(name)));
        }
    }

    /// What a name is, or null if there is nothing.
    public @Nullable FileStatus status(String name) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            long found = calls.tryOpen(
                    fd, bytes(name), DirectoryCalls.O_PATH | DirectoryCalls.O_NOFOLLOW, 0, 0x08);
            if (found == -Errno.ENOENT.value()) {
                return null;
            }
            try (Fd handle = new Fd((int) DirectoryCalls.check(found, "openat2", bytes(shown(name))))) {
                return calls.status(handle);
            }
        }
    }

    public boolean has(String name) throws IOException {
        return status(name) != null;
    }

    /// Removes a name that is no directory, if it is there.
    public void remove(String name) throws IOException {
        remove(name, false);
    }

    void remove(String name, boolean directory) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            long removed = calls.tryRemove(fd, bytes(name), directory);
            if (removed != -Errno.ENOENT.value()) {
                DirectoryCalls.check(removed, "unlinkat", bytes(shown(name)));
            }
        }
    }

    /// Its names, sorted.
    public List<String> names() throws IOException {
        List<byte[]> found = new ArrayList<>();
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            long opened = calls.tryOpen(fd, bytes("."), DirectoryCalls.O_DIRECTORY, 0, DirectoryCalls.BENEATH);
            try (Fd own = new Fd((int) DirectoryCalls.check(opened, "openat2", bytes(shown)))) {
                while (calls.names(own, found)) {
                    // the next ones
                }
            }
        }
        List<String> names = new ArrayList<>(found.size());
        for (int i = 0; i < found.size(); i++) {
            names.add(new String(found.get(i), StandardCharsets.UTF_8));
        }
        Collections.sort(names);
        return names;
    }

    /// Takes a lock that lasts as long as the open file; see flock(2).
    ///
    /// @return whether nobody else has one that excludes it
    public static boolean tryLock(Fd file, boolean exclusive) throws ErrnoException {
        long result = Kernel.call(Sys.FLOCK, file.number(), (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB, 0);
        if (result == -Errno.EAGAIN.value() || result == -Errno.EINTR.value()) {
            return false;
        }
        Kernel.check(result, "flock(" + file.number() + ")");
        return true;
    }

    @Override
    public void close() {
        fd.close();
    }
}
