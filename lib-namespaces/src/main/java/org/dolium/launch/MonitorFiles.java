// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.jspecify.annotations.Nullable;

/// The descriptors that the monitor of a detached container gets. They stay the caller's to close, which it does after
/// [Detached#release]: the monitor has copies.
///
/// @param directory the container's directory, open for reading, where the monitor renames and makes files
/// @param lock an open file on which the caller holds an exclusive flock(2); the monitor's copy keeps it locked
/// @param log the file `log` of that directory, open for appending
/// @param status the file `status.new` of that directory, open for writing and as long as a status already
/// @param out the read end of the container's standard output, or null if the container has a terminal
/// @param err the read end of its standard error, or null if it has a terminal, or both in one
/// @param kept what the monitor only keeps open, such as locks
public record MonitorFiles(Fd directory, Fd lock, Fd log, Fd status, @Nullable Fd out, @Nullable Fd err, List<Fd> kept)
        implements AutoCloseable {
    /// How long a status is.
    public static final int STATUS_LENGTH = 80;

    private static final int O_WRONLY_CREAT_EXCL_CLOEXEC = 0x800c1;
    private static final int O_APPEND = 0x400;

    /// Makes `log` and `status.new` in a directory that has neither.
    ///
    /// @param directory stays the caller's to close, as do all others, also if this fails
    public static MonitorFiles create(Fd directory, Fd lock, @Nullable Fd out, @Nullable Fd err) throws ErrnoException {
        return create(directory, lock, null, out, err, List.of());
    }

    /// The same with descriptors that the monitor only keeps open.
    ///
    /// @param known the log of a run before, open for appending, which this one continues; or null to make one
    public static MonitorFiles create(Fd directory, Fd lock, @Nullable Fd known, @Nullable Fd out, @Nullable Fd err, List<Fd> kept)
            throws ErrnoException {
        Fd log = known == null ? make(directory, "log", O_APPEND, "O_APPEND|") : known.copyAbove(0);
        try {
            Fd status = make(directory, "status.new", 0, "");
            try {
                status.write(new byte[STATUS_LENGTH], "status.new"); // there must be room for it when the disk is full
                return new MonitorFiles(directory, lock, log, status, out, err, List.copyOf(kept));
            } catch (ErrnoException e) {
                status.close();
                throw e;
            }
        } catch (ErrnoException e) {
            log.close();
            throw e;
        }
    }

    private static Fd make(Fd directory, String name, int more, String text) throws ErrnoException {
        long flags = O_WRONLY_CREAT_EXCL_CLOEXEC | OpenFlags.noFollow(Kernel.ARCH) | more;
        Fd made = new Fd((int) Kernel.perform(Syscall.of(
                Sys.OPENAT, Arg.num(directory.number()), Arg.str(name),
                Arg.flags(flags, "O_WRONLY|" + text + "O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC"), Arg.octal(0600))));
        try {
            Kernel.perform(Syscall.of(Sys.FCHMOD, Arg.num(made.number()), Arg.octal(0600))); // whatever the umask is
            return made;
        } catch (ErrnoException e) {
            made.close();
            throw e;
        }
    }

    /// Closes all of them.
    @Override
    public void close() {
        directory.close();
        lock.close();
        log.close();
        status.close();
        if (out != null) {
            out.close();
        }
        if (err != null) {
            err.close();
        }
        for (int i = 0; i < kept.size(); i++) {
            kept.get(i).close();
        }
    }
}
