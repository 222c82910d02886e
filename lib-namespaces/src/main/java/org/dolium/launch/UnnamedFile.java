// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.process.LaunchException;

/// An executable file without a name, for hosts where no memory file may be executed (`vm.memfd_noexec=2`).
///
/// It is made with `O_TMPFILE|O_EXCL` in a new directory of mode 0700 that is removed at once, so nobody else can open
/// or link it, and is reopened for reading, because a file that is open for writing can't be executed.
final class UnnamedFile {
    private static final int O_RDWR = 2;
    private static final int O_EXCL = 0x80;
    private static final int O_TMPFILE = 0x400000 | OpenFlags.directory(Kernel.ARCH);
    private static final int O_RDONLY = 0;
    private static final int OWNER_READ_EXECUTE = 0500;
    private static final int STATFS_SIZE = 120;
    private static final int STATFS_FLAGS = 80;
    private static final int ST_NOEXEC = 8;

    private UnnamedFile() {}

    /// @param why the memory file's failure, for the message if there is no place for a file either
    static Fd create(Memory content, ErrnoException why) throws IOException {
        StringBuilder tried = new StringBuilder();
        for (String place : places()) {
            try (Fd writable = open(place, tried)) {
                if (writable.isOpen()) {
                    ProgramFile.write(writable, content);
                    return Fd.open("/proc/self/fd/" + writable.number(), O_RDONLY, 0);
                }
            } catch (IOException e) {
                tried.append("; ").append(place).append(": ").append(e.getMessage());
            }
        }
        throw new LaunchException(
                -1, 0, why.call(), why.errno(),
                ReadHostFiles.hint(why.call(), why.errno()) + " (tried " + tried.substring(Math.min(2, tried.length())) + ")");
    }

    private static List<String> places() {
        List<String> places = new ArrayList<>();
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null && runtime.startsWith("/")) {
            places.add(runtime);
        }
        places.add(System.getProperty("java.io.tmpdir", "/tmp"));
        places.add("/var/tmp");
        places.add("/run");
        return places;
    }

    /// @return a closed descriptor if programs can't be executed there
    private static Fd open(String place, StringBuilder tried) throws IOException {
        Path directory = Files.createTempDirectory(
                Path.of(place), "dolium-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Fd file = Fd.open(directory.toString(), O_TMPFILE | O_RDWR | O_EXCL, OWNER_READ_EXECUTE);
            if (isExecutable(file)) {
                return file;
            }
            file.close();
            tried.append("; ").append(place).append(": mounted noexec");
            return file;
        } finally {
            Files.delete(directory);
        }
    }

    private static boolean isExecutable(Fd file) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory statfs = Memory.allocate(arena, STATFS_SIZE);
            Kernel.check(Kernel.call(Sys.FSTATFS, file.number(), statfs.address(), 0), "fstatfs(" + file + ")");
            return (statfs.getLong(STATFS_FLAGS) & ST_NOEXEC) == 0;
        } catch (ErrnoException e) {
            file.close();
            throw e;
        }
    }

    /// Whether a failed execveat may succeed a moment later: another thread of this JVM was starting a process while the
    /// file was open for writing, and that child had a copy of the descriptor until its own exec.
    static boolean passesSoon(long result) {
        return result == -Errno.ETXTBSY.value();
    }
}
