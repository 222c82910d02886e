// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// A directory that is open, and names in it. No name has a slash, and no link is followed: whoever replaces a directory or a file
/// by a link gets an error. Names are strings with a character for each byte.
public final class OpenDirectory implements AutoCloseable {
    private static final int CREATE_NEW = 2 | 0x40 | 0x80;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int RENAME_NOREPLACE = 1;

    private final Fd fd;
    private final String shown;

    private OpenDirectory(Fd fd, String shown) {
        this.fd = fd;
        this.shown = shown;
    }

    /// Opens a directory of the host. Links on the way there are followed, but it is none itself.
    public static OpenDirectory open(Path path) throws ErrnoException {
        return new OpenDirectory(Fd.open(path.toString(), FileCalls.O_DIRECTORY | FileCalls.O_NOFOLLOW, 0), path.toString());
    }

    private String shown(String name) {
        return shown + "/" + name;
    }

    /// Opens a directory in it.
    ///
    /// @return null if there is none
    public @Nullable OpenDirectory tryDirectory(String name) throws IOException {
        Fd opened = tryOpen(name, FileCalls.O_DIRECTORY, 0);
        return opened == null ? null : new OpenDirectory(opened, shown(name));
    }

    /// Opens a directory in it.
    public OpenDirectory directory(String name) throws IOException {
        OpenDirectory opened = tryDirectory(name);
        if (opened == null) {
            throw new java.nio.file.NoSuchFileException(shown(name));
        }
        return opened;
    }

    /// Opens a regular file for reading.
    ///
    /// @return null if there is none
    public @Nullable OpenFile tryFile(String name) throws IOException {
        return tryFile(name, 0);
    }

    /// Opens a regular file for reading and writing.
    ///
    /// @return null if there is none
    public @Nullable OpenFile tryFileForWriting(String name) throws IOException {
        return tryFile(name, 2);
    }

    private @Nullable OpenFile tryFile(String name, int flags) throws IOException {
        Fd opened = tryOpen(name, FileCalls.O_NONBLOCK | flags, 0); // a fifo would wait
        if (opened == null) {
            return null;
        }
        OpenFile file = new OpenFile(opened, shown(name));
        try {
            if (!file.status().isRegular()) {
                throw new IOException("'" + shown(name) + "' is no regular file");
            }
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// Makes a file that only its owner can open.
    ///
    /// @throws ErrnoException also if there is something of that name
    public OpenFile create(String name) throws IOException {
        Fd made = tryOpen(name, CREATE_NEW, 0600);
        if (made == null) {
            throw new java.nio.file.NoSuchFileException(shown);
        }
        return new OpenFile(made, shown(name));
    }

    private @Nullable Fd tryOpen(String name, int flags, int mode) throws IOException {
        long opened = FileCalls.named(Sys.OPENAT, fd, name, flags | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC, mode);
        if (opened == -Errno.ENOENT.value()) {
            return null;
        }
        if (opened == -Errno.ELOOP.value() || opened == -Errno.ENOTDIR.value()) {
            throw new IOException("'" + shown(name) + "' is a symbolic link or no directory; nobody but an intruder makes one there");
        }
        return new Fd((int) FileCalls.check(opened, "openat", shown(name)));
    }

    /// Makes a directory that only its owner can enter.
    ///
    /// @return false if there is something of that name
    public boolean makeDirectory(String name) throws ErrnoException {
        long result = FileCalls.named(Sys.MKDIRAT, fd, name, 0700, 0);
        if (result == -Errno.EEXIST.value()) {
            return false;
        }
        FileCalls.check(result, "mkdirat", shown(name));
        return true;
    }

    /// What a name is, or null if there is nothing.
    public @Nullable FileStatus status(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = Memory.allocate(arena, 256);
            long result = FileCalls.status(arena, fd, name, memory);
            if (result == -Errno.ENOENT.value()) {
                return null;
            }
            FileCalls.check(result, "statx", shown(name));
            return FileStatus.of(memory);
        }
    }

    /// What the directory itself is.
    public FileStatus status() throws ErrnoException {
        return FileCalls.status(fd, shown);
    }

    /// Its names, but for `.` and `..`. Others may read it at the same time only through an object of their own.
    public List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                OpenDirectory own = directory(".")) {
            Memory memory = Memory.allocate(arena, 1 << 15);
            for (int length = own.entries(memory); length > 0; length = own.entries(memory)) {
                for (int at = 0; at < length; at += memory.getShort(at + 16) & 0xffff) {
                    add(memory, at + 19, names);
                }
            }
        }
        return names;
    }

    private int entries(Memory memory) throws ErrnoException {
        long result = Kernel.call(Sys.GETDENTS64, fd.number(), memory.address(), memory.size());
        return (int) FileCalls.check(result, "getdents64", shown);
    }

    private static void add(Memory memory, int at, List<String> names) {
        int end = at;
        while (memory.getByte(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - at];
        memory.get(at, bytes, 0, bytes.length);
        String name = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!name.equals(".") && !name.equals("..")) {
            names.add(name);
        }
    }

    /// Gives a file another name, in this or another directory, replacing what has that name.
    public void rename(String name, OpenDirectory to, String newName) throws ErrnoException {
        FileCalls.check(FileCalls.renamed(Sys.RENAMEAT2, fd, name, to.fd, newName, 0), "renameat2", shown(name));
    }

    /// Gives a file another name.
    ///
    /// @return false if there is something of that name
    public boolean renameNew(String name, OpenDirectory to, String newName) throws ErrnoException {
        long result = FileCalls.renamed(Sys.RENAMEAT2, fd, name, to.fd, newName, RENAME_NOREPLACE);
        if (result == -Errno.EEXIST.value() || result == -Errno.ENOTEMPTY.value()) {
            return false;
        }
        FileCalls.check(result, "renameat2", shown(name));
        return true;
    }

    /// Gives a file a second name, if the file system and the kernel's rules of links allow it.
    public boolean tryLink(String name, OpenDirectory to, String newName) {
        return FileCalls.renamed(Sys.LINKAT, fd, name, to.fd, newName, 0) == 0;
    }

    /// Removes a name that is no directory.
    ///
    /// @return false if there was none
    public boolean remove(String name) throws ErrnoException {
        return removed(FileCalls.named(Sys.UNLINKAT, fd, name, 0, 0), name);
    }

    /// Removes an empty directory.
    ///
    /// @return false if there was none
    public boolean removeDirectory(String name) throws ErrnoException {
        return removed(FileCalls.named(Sys.UNLINKAT, fd, name, AT_REMOVEDIR, 0), name);
    }

    private boolean removed(long result, String name) throws ErrnoException {
        if (result == -Errno.ENOENT.value()) {
            return false;
        }
        FileCalls.check(result, "unlinkat", shown(name));
        return true;
    }

    /// Changes the permissions of the directory itself.
    public void mode(int mode) throws ErrnoException {
        FileCalls.check(Kernel.call(Sys.FCHMOD, fd.number(), mode, 0), "fchmod", shown);
    }

    /// Takes a lock, unless somebody has it.
    public boolean tryLock(boolean exclusive) throws ErrnoException {
        return FileCalls.tryLock(fd, exclusive, shown);
    }

    /// Waits for a lock.
    ///
    /// @throws IOException if it isn't free for so long
    public void lock(boolean exclusive, long millis) throws IOException {
        FileCalls.lock(fd, exclusive, millis, shown);
    }

    /// Waits until its names are on the disk.
    public void sync() throws ErrnoException {
        FileCalls.check(Kernel.call(Sys.FSYNC, fd.number()), "fsync", shown);
    }

    /// Waits until everything that its file system has is on the disk.
    public void syncAll() throws ErrnoException {
        FileCalls.check(Kernel.call(Sys.SYNCFS, fd.number()), "syncfs", shown);
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "'" + shown + "'";
    }
}
