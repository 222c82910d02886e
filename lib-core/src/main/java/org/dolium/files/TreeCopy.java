// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileStatus;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// Copies one name with all that is below it from an open directory to another, of which one is in a container. On both sides each name
/// is taken hold of once and no link is followed; what is made is made new in a directory that is held. So neither links that are
/// exchanged meanwhile nor odd names lead elsewhere.
final class TreeCopy {
    /// Each level holds four descriptors.
    private static final int DEEPEST = 200;
    private static final long CHUNK = 8 << 20;
    private static final int PRIVATE_FILE = 0600;
    private static final int PRIVATE_DIRECTORY = 0700;

    private final DirectoryCalls from;
    private final DirectoryCalls to;
    private final CopyRules rules;
    private final Ids ids;
    private final int permissions;
    private @Nullable FileStatus top;
    private long files;
    private long directories;
    private long links;
    private long bytes;
    private long skipped;

    /// Whom a copy belongs to.
    interface Ids {
        /// The number at the target of one at the source, as this JVM sees both.
        long of(boolean user, long id) throws IOException;
    }

    /// @param ids whom copies belong to, or null for who makes them
    /// @param permissions those that a copy may have
    TreeCopy(DirectoryCalls from, DirectoryCalls to, CopyRules rules, @Nullable Ids ids, int permissions) {
        this.from = from;
        this.to = to;
        this.rules = rules;
        this.ids = ids == null ? (user, id) -> -1 : ids;
        this.permissions = permissions;
    }

    /// @param shown the path of the source, for errors
    CopyReport copy(Fd handle, Fd target, byte[] newName, String shown) throws IOException {
        copy(handle, target, newName, shown, 0);
        return new CopyReport(files, directories, links, bytes, skipped);
    }

    /// Copies what is in a directory into one that is there.
    CopyReport copyContent(Fd handle, Fd target, String shown) throws IOException {
        try (Fd in = new Fd((int) FileFailures.check(from.tryReopen(handle, DirectoryCalls.O_DIRECTORY), "openat", shown))) {
            top = to.status(target);
            entries(in, target, shown, 0);
        }
        return new CopyReport(files, directories, links, bytes, skipped);
    }

    private long tryHandle(Fd at, byte[] name) {
        int flags = DirectoryCalls.O_PATH | DirectoryCalls.O_NOFOLLOW;
        return from.tryOpen(at, name, flags, 0, DirectoryCalls.BENEATH);
    }

    private void copy(Fd handle, Fd target, byte[] name, String shown, int depth) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while copying '" + Quoting.printable(shown) + "'");
        }
        FileStatus status = from.status(handle);
        if (files + directories + links + skipped >= rules.maxEntries()) {
            throw new FileSystemException(Quoting.printable(shown), null, "it is more than " + rules.maxEntries() + " files");
        }
        if (status.isLink()) {
            link(handle, status, target, name, shown);
        } else if (status.isRegular() || status.isDirectory()) {
            if (OpenRoot.isKernels(from, handle)) {
                skip(shown, depth);
            } else if (status.isRegular()) {
                file(handle, status, target, name, shown);
            } else {
                directory(handle, status, target, name, shown, depth);
            }
        } else {
            skip(shown, depth);
        }
    }

    private void skip(String shown, int depth) throws FileSystemException {
        if (depth == 0) {
            throw new FileSystemException(Quoting.printable(shown), null, "is no file, directory or link, or is the kernel's");
        }
        skipped++;
    }

    /// Makes one call, a second time after what has the name was removed.
    private interface Making {
        long call();
    }

    private long make(Making making, Fd target, byte[] name, String call, String shown) throws IOException {
        long made = making.call();
        if (made == -Errno.EEXIST.value() && rules.isReplacing()) {
            long removed = to.tryRemove(target, name, false);
            if (removed != -Errno.ENOENT.value()) {
                FileFailures.check(removed, "unlinkat", shown);
            }
            made = making.call();
        }
        return FileFailures.check(made, call, shown);
    }

    private void link(Fd handle, FileStatus status, Fd target, byte[] name, String shown) throws IOException {
        byte[] text = from.target(handle);
        make(() -> to.trySymbolicLink(target, name, text), target, name, "symlinkat", shown);
        long uid = ids.of(true, status.uid());
        long gid = ids.of(false, status.gid());
        if (uid >= 0 || gid >= 0) {
            FileFailures.check(to.tryOwnerOfName(target, name, uid, gid), "fchownat", shown);
        }
        FileFailures.check(to.tryTimeOfName(target, name, status.modified(), status.modifiedNanos()), "utimensat", shown);
        links++;
    }

    /// Copies as much as there was at the beginning: one that grows has an end.
    private void file(Fd handle, FileStatus status, Fd target, byte[] name, String shown) throws IOException {
        if (status.size() > rules.maxBytes() - bytes) {
            throw new FileSystemException(Quoting.printable(shown), null, "with it the copy has more than " + rules.maxBytes() + " bytes");
        }
        int flags = DirectoryCalls.O_WRONLY | DirectoryCalls.O_CREAT_EXCL | DirectoryCalls.O_NOFOLLOW;
        try (Fd in = new Fd((int) FileFailures.check(from.tryReopen(handle, 0), "openat", shown));
                Fd out = new Fd((int) make(
                        () -> to.tryOpen(target, name, flags, PRIVATE_FILE, DirectoryCalls.BENEATH), target, name, "openat2", shown))) {
            long left = status.size();
            for (long done = 1; left > 0 && done > 0; left -= done) {
                done = Kernel.call(Sys.SENDFILE, out.number(), in.number(), 0, Math.min(left, CHUNK));
                FileFailures.check(done, "sendfile", shown);
            }
            bytes += status.size() - left;
            attributes(out, status, rules.mode() < 0 ? status.permissions() : rules.mode(), shown);
        }
        files++;
    }

    private void attributes(Fd made, FileStatus status, int mode, String shown) throws IOException {
        long uid = ids.of(true, status.uid());
        long gid = ids.of(false, status.gid());
        if (uid >= 0 || gid >= 0) {
            FileFailures.check(to.tryOwner(made, uid, gid), "fchownat", shown);
        }
        FileFailures.check(to.tryMode(made, mode & permissions), "fchmodat", shown);
        long[] modified = {status.modified(), status.modifiedNanos()};
        FileFailures.check(to.tryTimes(made, null, modified), "utimensat", shown);
    }

    private void directory(Fd handle, FileStatus status, Fd target, byte[] name, String shown, int depth) throws IOException {
        if (depth == DEEPEST) {
            throw new FileSystemException(Quoting.printable(shown), null, "it is deeper than " + DEEPEST + " directories");
        }
        if (top != null && top.isSame(status)) {
            return; // the copy itself, which is mounted in what is copied
        }
        long made = to.tryMakeDirectory(target, name, PRIVATE_DIRECTORY);
        boolean there = made == -Errno.EEXIST.value() && rules.isReplacing();
        if (!there) {
            FileFailures.check(made, "mkdirat", shown);
        }
        int flags = DirectoryCalls.O_DIRECTORY | DirectoryCalls.O_NOFOLLOW;
        long opened = to.tryOpen(target, name, flags, 0, DirectoryCalls.BENEATH);
        try (Fd in = new Fd((int) FileFailures.check(from.tryReopen(handle, DirectoryCalls.O_DIRECTORY), "openat", shown));
                Fd out = new Fd((int) FileFailures.check(opened, "openat2", shown))) {
            if (OpenRoot.isKernels(to, out)) {
                throw new FileSystemException(Quoting.printable(shown), null, "its place is on a file system of the kernel's own");
            }
            if (top == null) {
                top = to.status(out);
            }
            directories++;
            entries(in, out, shown, depth);
            if (!there) {
                attributes(out, status, status.permissions(), shown);
            }
        }
    }

    private void entries(Fd in, Fd out, String shown, int depth) throws IOException {
        List<byte[]> names = new ArrayList<>();
        boolean more = true;
        while (more) {
            more = from.names(in, names);
            for (byte[] name : names) {
                entry(in, out, name, shown, depth);
            }
            names.clear();
        }
    }

    private void entry(Fd in, Fd out, byte[] name, String shown, int depth) throws IOException {
        String path = shown.equals("/") ? "/" + FileNames.decode(name) : shown + "/" + FileNames.decode(name);
        long handle = tryHandle(in, name);
        if (handle == -Errno.ENOENT.value()) {
            return; // removed meanwhile
        }
        try (Fd found = new Fd((int) FileFailures.check(handle, "openat2", path))) {
            copy(found, out, name, path, depth + 1);
        }
    }
}
