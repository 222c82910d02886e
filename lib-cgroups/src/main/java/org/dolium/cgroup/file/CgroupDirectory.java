// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// A directory of a cgroup file system, held open. Its files and children are opened beneath it by openat2(2): no name
/// leads elsewhere, and after the directory was removed and made anew by somebody else nothing reaches the new one.
public final class CgroupDirectory implements AutoCloseable {
    public static final long O_RDONLY = 0;
    public static final long O_WRONLY = 1;
    public static final long O_RDWR = 2;

    private static final long O_CLOEXEC = 0x80000;
    private static final long BENEATH = 0x08 | 0x04 | 0x02 | 0x01; // BENEATH, NO_SYMLINKS, NO_MAGICLINKS, NO_XDEV
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int RECORD_LENGTH = 16;
    private static final int RECORD_TYPE = 18;
    private static final int DT_DIR = 4;
    private static final int LOCK_EX_NB = 2 | 4;
    private static final int READ = 16384;
    private static final int SHORT = 2048;

    private final Fd fd;
    private final String path;

    private CgroupDirectory(Fd fd, String path) {
        this.fd = fd;
        this.path = path;
    }

    /// Opens a directory of the host.
    public static CgroupDirectory open(String path) throws ErrnoException {
        return new CgroupDirectory(Fd.open(path, OpenFlags.directory(Kernel.ARCH), 0), path);
    }

    public Fd fd() {
        return fd;
    }

    /// Where it was when it was opened.
    public String path() {
        return path;
    }

    /// Makes a child and opens it.
    public CgroupDirectory make(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long made = Kernel.call(Sys.MKDIRAT, fd.number(), text(arena, name), 0755, 0);
            Kernel.check(made, "mkdirat(<" + path + ">, " + quoted(name) + ", 0755)");
        }
        return child(name);
    }

    /// Opens a child.
    public CgroupDirectory child(String name) throws ErrnoException {
        return new CgroupDirectory(openFile(name, OpenFlags.directory(Kernel.ARCH)), path + "/" + name);
    }

    /// Removes a child, which must have no processes and no children.
    public void remove(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long removed = Kernel.call(Sys.UNLINKAT, fd.number(), text(arena, name), AT_REMOVEDIR);
            Kernel.check(removed, "unlinkat(<" + path + ">, " + quoted(name) + ", AT_REMOVEDIR)");
        }
    }

    /// The names of the children, a character for each byte: who may make some may give them any bytes. One that was removed has none.
    public List<String> children() throws ErrnoException {
        List<String> names = new ArrayList<>();
        try (Fd again = openFile(".", OpenFlags.directory(Kernel.ARCH));
                Arena arena = Arena.ofConfined()) {
            Memory buffer = Memory.allocate(arena, READ);
            long length = Kernel.call(Sys.GETDENTS64, again.number(), buffer.address(), READ);
            while (length > 0) {
                for (int at = 0; at < length; at += buffer.getShort(at + RECORD_LENGTH) & 0xffff) {
                    addDirectory(buffer, at, names);
                }
                length = Kernel.call(Sys.GETDENTS64, again.number(), buffer.address(), READ);
            }
            Kernel.check(length, "getdents64(<" + path + ">)");
        } catch (ErrnoException e) {
            unlessThere(e);
        }
        return names;
    }

    private static void addDirectory(Memory buffer, int at, List<String> names) {
        StringBuilder name = new StringBuilder();
        for (int i = at + RECORD_TYPE + 1; buffer.getByte(i) != 0; i++) {
            name.append((char) (buffer.getByte(i) & 0xff));
        }
        String text = name.toString();
        if (buffer.getByte(at + RECORD_TYPE) == DT_DIR && !text.equals(".") && !text.equals("..")) {
            names.add(text);
        }
    }

    /// Gives this directory, and files in it, to somebody.
    public void give(long uid, long gid, String... files) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            own(arena, "", uid, gid);
            for (int i = 0; i < files.length; i++) {
                own(arena, files[i], uid, gid);
            }
        }
    }

    private void own(Arena arena, String file, long uid, long gid) throws ErrnoException {
        long given = Kernel.call(
                Sys.FCHOWNAT, fd.number(), text(arena, file), (int) uid, (int) gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 0);
        Kernel.check(given, "fchownat(<" + path + ">, " + quoted(file) + ", " + uid + ", " + gid + ")");
    }

    /// Opens a file.
    ///
    /// @param flags open(2) flags; `O_CLOEXEC` is added
    public Fd openFile(String name, long flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory how = Memory.allocate(arena, 24);
            how.putLong(0, flags | O_CLOEXEC);
            how.putLong(16, BENEATH);
            long opened = Kernel.call(Sys.OPENAT2, fd.number(), text(arena, name), how.address(), 24);
            Kernel.check(opened, "openat2(<" + path + ">, " + quoted(name) + ", RESOLVE_BENEATH)");
            return new Fd((int) opened);
        }
    }

    /// Writes a whole value with one call.
    public void write(String file, String value) throws ErrnoException {
        try (Fd target = openFile(file, O_WRONLY)) {
            target.write(value.getBytes(StandardCharsets.US_ASCII), path + "/" + file);
        }
    }

    /// Reads a whole file.
    public String read(String file) throws ErrnoException {
        return read(openFile(file, O_RDONLY), path + "/" + file);
    }

    /// Reads a whole file of the host, for instance of /proc.
    public static String readPath(String path) throws ErrnoException {
        return read(Fd.open(path, (int) O_RDONLY, 0), path);
    }

    /// Reads a file that the kernel gives whole with one read(2), unlike `cgroup.procs`, or gives null if there is none.
    public @Nullable String readShort(String file) throws ErrnoException {
        try (Fd source = openFile(file, O_RDONLY);
                Arena arena = Arena.ofConfined()) {
            Memory buffer = Memory.allocate(arena, SHORT);
            long n = Kernel.call(Sys.READ, source.number(), buffer.address(), SHORT);
            Kernel.check(n, "read(<" + path + "/" + file + ">)");
            return new String(buffer.head((int) n), StandardCharsets.ISO_8859_1);
        } catch (ErrnoException e) {
            return unlessThere(e);
        }
    }

    private static @Nullable String unlessThere(ErrnoException e) throws ErrnoException {
        if (e.errno().equals(Errno.ENOENT) || e.errno().value() == ENODEV) {
            return null;
        }
        throw e;
    }

    private static String read(Fd opened, String name) throws ErrnoException {
        try (Fd source = opened;
                Arena arena = Arena.ofConfined()) {
            Memory buffer = Memory.allocate(arena, READ);
            StringBuilder text = new StringBuilder();
            while (true) {
                long n = Kernel.call(Sys.READ, source.number(), buffer.address(), READ);
                Kernel.check(n, "read(<" + name + ">)");
                if (n == 0) {
                    return text.toString();
                }
                text.append(new String(buffer.head((int) n), StandardCharsets.ISO_8859_1));
            }
        }
    }

    /// Reads a file, or gives null if there is none.
    public @Nullable String readIfThere(String file) throws ErrnoException {
        try {
            return read(file);
        } catch (ErrnoException e) {
            return unlessThere(e);
        }
    }

    private static final int ENODEV = 19;

    /// Whether it has files of a controller, which in cgroup v2 must be enabled in the directory above.
    public boolean hasFiles(Controller controller, boolean ofUnified) throws ErrnoException {
        if (!ofUnified) {
            return true;
        }
        String enabled = readIfThere("cgroup.controllers");
        return enabled != null && (" " + enabled.trim() + " ").contains(" " + controller.unified() + " ");
    }

    /// Locks this directory for as long as it is open; see flock(2).
    ///
    /// @return whether nobody else holds it
    public boolean lock() {
        return Kernel.call(Sys.FLOCK, fd.number(), LOCK_EX_NB, 0, 0) == 0;
    }

    private static long text(Arena arena, String name) {
        return Memory.copy(arena, Arg.terminated(name.getBytes(StandardCharsets.ISO_8859_1))).address();
    }

    private static String quoted(String name) {
        return Quoting.quote(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return path;
    }
}
