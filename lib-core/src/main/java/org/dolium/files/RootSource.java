// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// The root directory of a running process, opened anew for each operation: nothing is kept that would keep the container's mounts.
final class RootSource {
    private static final long ALL_IDS = 0xffffffffL;

    private final long pid;
    private final BooleanSupplier alive;
    private volatile long checkedMount = -1;

    /// @param alive whether the process has neither ended nor been waited for, asked after its pid was used
    RootSource(long pid, BooleanSupplier alive) {
        this.pid = pid;
        this.alive = alive;
    }

    boolean isAlive() {
        return alive.getAsBoolean();
    }

    static IllegalStateException ended() {
        return new IllegalStateException("the container has ended");
    }

    /// Opens it.
    ///
    /// @throws IllegalStateException if the process has ended
    OpenRoot open() throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        Fd root;
        try {
            root = Fd.open(process + "/root", DirectoryCalls.O_PATH | DirectoryCalls.O_DIRECTORY, 0);
        } catch (ErrnoException e) {
            boolean gone = e.errno().equals(Errno.ENOENT) || e.errno().equals(Errno.ESRCH) || !isAlive();
            if (gone) {
                throw (IllegalStateException) ended().initCause(e);
            }
            throw e;
        }
        OpenRoot opened = null;
        try {
            Path own = Path.of("/proc/self/ns/user");
            boolean sameIds = Files.readSymbolicLink(process.resolve("ns/user")).equals(Files.readSymbolicLink(own));
            opened = sameIds
                    ? new OpenRoot(root, null, null)
                    : new OpenRoot(root, ids(process.resolve("uid_map")), ids(process.resolve("gid_map")));
            checkOther(opened.status(root).mount());
            if (!isAlive()) { // asked after its pid was used: all of this was its own
                throw ended();
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            if (opened != null) {
                opened.close();
            }
            root.close();
            if (e instanceof IOException failure && !isAlive()) {
                throw (IllegalStateException) ended().initCause(failure);
            }
            throw e;
        }
    }

    /// Lines of `INSIDE OUTSIDE COUNT`; null if every id is itself.
    private static @Nullable IdMaps ids(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip().replaceAll("\\s*\n\\s*", ",").replaceAll("[ \t]+", ":");
        if (text.isEmpty()) {
            throw new IOException(file + " is empty: the ids of the user namespace are not mapped");
        }
        IdMaps maps = IdMaps.parse(text);
        List<IdMap> extents = maps.extents();
        return extents.size() == 1 && extents.get(0).equals(new IdMap(0, 0, ALL_IDS)) ? null : maps;
    }

    /// A process that changes its root to a directory that somebody passed to it must not make this one of the host's.
    private void checkOther(long mount) throws IOException {
        if (mount == checkedMount) {
            return;
        }
        String start = mount + " ";
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith(start)) {
                throw new IOException("the root directory of process " + pid + " is one of this JVM's own mounts: it has no root of its own");
            }
        }
        checkedMount = mount;
    }

    /// The user of this JVM.
    static long user() {
        return Kernel.call(Sys.GETUID, 0);
    }

}
