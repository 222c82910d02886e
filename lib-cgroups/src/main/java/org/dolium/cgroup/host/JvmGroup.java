// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;

/// The group of one hierarchy that holds all containers of this JVM. Its directory is locked as long as the JVM lives:
/// what is named like it and is not locked was left by a JVM that was killed, and is removed.
final class JvmGroup implements AutoCloseable {
    private static final String PREFIX = "dolium-";
    private static final int ATTEMPTS = 20;

    private final CgroupDirectory base;
    private final String name;
    private final CgroupDirectory directory;

    private JvmGroup(CgroupDirectory base, String name, CgroupDirectory directory) {
        this.base = base;
        this.name = name;
        this.directory = directory;
    }

    /// Makes a group below `path`, and removes what dead JVMs left there.
    static JvmGroup below(String path) throws ErrnoException {
        CgroupDirectory base = CgroupDirectory.open(path);
        try {
            reclaim(base);
            for (int attempt = 1; ; attempt++) {
                JvmGroup group = attempt(base);
                if (group != null) {
                    return group;
                }
                if (attempt == ATTEMPTS) {
                    throw new ErrnoException("flock(<" + path + "/" + PREFIX + "…>, LOCK_EX|LOCK_NB)", Errno.EAGAIN);
                }
            }
        } catch (ErrnoException | RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /// Only the directory at `path`, for groups that outlive this JVM: around them nothing is made, locked or removed.
    static JvmGroup directly(String path) throws ErrnoException {
        CgroupDirectory base = CgroupDirectory.open(path);
        return new JvmGroup(base, "", base);
    }

    private static @org.jspecify.annotations.Nullable JvmGroup attempt(CgroupDirectory base) throws ErrnoException {
        String name = PREFIX + Kernel.call(Sys.GETPID, 0) + "-" + Long.toHexString(System.nanoTime());
        CgroupDirectory directory;
        try {
            directory = base.make(name);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT) || e.errno().equals(Errno.EEXIST)) {
                return null; // another JVM took it for a dead one's before it was locked
            }
            throw e;
        }
        if (directory.lock()) {
            return new JvmGroup(base, name, directory);
        }
        directory.close();
        return null;
    }

    private static void reclaim(CgroupDirectory base) throws ErrnoException {
        List<String> children = base.children();
        for (int i = 0; i < children.size(); i++) {
            if (isName(children.get(i))) {
                reclaim(base, children.get(i));
            }
        }
    }

    /// The prefix, a pid, a dash and a hexadecimal number.
    private static boolean isName(String text) {
        int dash = text.lastIndexOf('-');
        return text.startsWith(PREFIX) && dash > PREFIX.length()
                && consistsOf(text.substring(PREFIX.length(), dash), "0123456789")
                && consistsOf(text.substring(dash + 1), "0123456789abcdef");
    }

    private static boolean consistsOf(String text, String characters) {
        for (int i = 0; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static void reclaim(CgroupDirectory base, String name) {
        try (CgroupDirectory left = base.child(name)) {
            if (left.lock()) {
                Removal.killAndRemove(base, left, name);
            }
        } catch (ErrnoException e) {
            // another JVM is faster, or it is another user's
        }
    }

    CgroupDirectory directory() {
        return directory;
    }

    /// The directory above, or the same if there is none of this JVM.
    CgroupDirectory base() {
        return base;
    }

    @Override
    public void close() {
        if (directory == base) {
            base.close();
            return;
        }
        try {
            base.remove(name);
        } catch (ErrnoException e) {
            // a container is still in it: the kernel kills it when this JVM is gone, and the next JVM removes the group
        }
        directory.close();
        base.close();
    }
}
