// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// Something mounted in a container below its root. `target` is an absolute path in the container.
public sealed interface Mount permits Mount.Bind, Mount.Tmpfs, Mount.Proc, Mount.Sysfs, Mount.Mqueue, Mount.HostTree,
        Mount.Groups, Mount.Passed, Mount.Made, Mount.Kept, Mount.Sealed, Mount.Content, Dev {
    int NO_RIGHTS = MountFlags.NOSUID | MountFlags.NODEV | MountFlags.NOEXEC;

    String target();

    /// Appends the system calls that mount this. Pure: equal mounts give equal calls.
    void lower(MountContext context);

    /// A file or directory of the host.
    ///
    /// @param base the directory that `source` is below, by no link, or null if it is a path of its own
    /// @param directory whether the source is a directory
    record Bind(@Nullable String base, String source, String target, boolean directory, BindOptions options)
            implements Mount {
        public Bind {
            checkTarget(target);
        }

        public Bind(String source, String target, boolean directory, BindOptions options) {
            this(null, source, target, directory, options);
        }

        @Override
        public void lower(MountContext context) {
            PlanBuilder plan = context.plan();
            Arg.Result tree = base == null
                    ? MountCalls.copy(plan, source, options.recursive())
                    : MountCalls.copyBelow(plan, base, source, options.recursive());
            MountCalls.attributes(plan, tree, options.attributes(), options.propagation(), options.recursive());
            MountCalls.attach(plan, tree, context.place(target, directory));
        }
    }

    /// A detached tree that the JVM made and passes to the child, because only the JVM may make it so.
    ///
    /// @param fd the tree's descriptor in the child
    /// @param source what it is a copy of, for the printed plan
    record Passed(int fd, String source, String target, boolean directory) implements Mount {
        public Passed {
            checkTarget(target);
        }

        @Override
        public void lower(MountContext context) {
            Arg.Num tree = Arg.flags(fd, fd + "<id-mapped " + Quoting.quote(source) + ">");
            MountCalls.attach(context.plan(), tree, context.place(target, directory));
        }
    }

    /// An empty file system in memory.
    record Tmpfs(String target, long bytes, long inodes, int mode, int attributes) implements Mount {
        public Tmpfs {
            checkTarget(target);
        }

        @Override
        public void lower(MountContext context) {
            Arg.Result tree = MountCalls.create(
                    context.plan(), "tmpfs", attributes, "size", Long.toString(bytes), "nr_inodes",
                    Long.toString(inodes), "mode", "0" + Integer.toOctalString(mode));
            MountCalls.attach(context.plan(), tree, context.place(target, true));
        }
    }

    /// Processes of the container's pid namespace; needs a new one.
    record Proc() implements Mount {
        @Override
        public String target() {
            return "/proc";
        }

        @Override
        public void lower(MountContext context) {
            Arg.Result tree = MountCalls.create(context.plan(), "proc", NO_RIGHTS);
            MountCalls.attach(context.plan(), tree, context.place(target(), true));
        }
    }

    /// Devices of the kernel, read-only; needs a new network namespace.
    record Sysfs() implements Mount {
        @Override
        public String target() {
            return "/sys";
        }

        @Override
        public void lower(MountContext context) {
            Arg.Result tree = MountCalls.create(context.plan(), "sysfs", NO_RIGHTS | MountFlags.RDONLY);
            MountCalls.attach(context.plan(), tree, context.place(target(), true));
        }
    }

    /// The groups of cgroup v2 from the process's own on, to be made and divided by who may write there; needs a new cgroup namespace.
    /// It comes after what is mounted at /sys.
    record Groups() implements Mount {
        @Override
        public String target() {
            return "/sys/fs/cgroup";
        }

        @Override
        public void lower(MountContext context) {
            Arg.Result tree = MountCalls.create(context.plan(), "cgroup2", NO_RIGHTS);
            MountCalls.attach(context.plan(), tree, context.place(target(), true));
        }
    }

    /// The host's own /proc or /sys, for a container that shares the namespace which a new one would need.
    ///
    /// @param target `/proc` or `/sys`
    record HostTree(String target, boolean readOnly) implements Mount {
        @Override
        public void lower(MountContext context) {
            PlanBuilder plan = context.plan();
            Arg.Result tree = MountCalls.copy(plan, target, true);
            int attributes = readOnly ? NO_RIGHTS | MountFlags.RDONLY : NO_RIGHTS;
            MountCalls.attributes(plan, tree, attributes, Propagation.PRIVATE, true);
            MountCalls.attach(plan, tree, context.place(target, true));
        }
    }

    /// POSIX message queues of the container's ipc namespace.
    record Mqueue(String target) implements Mount {
        public Mqueue {
            checkTarget(target);
        }

        @Override
        public void lower(MountContext context) {
            Arg.Result tree = MountCalls.create(context.plan(), "mqueue", NO_RIGHTS);
            MountCalls.attach(context.plan(), tree, context.place(target, true));
        }
    }

    /// No mount but a directory of the root itself, made where it is missing. What is made of its path belongs to a user.
    record Made(String target, long uid, long gid) implements Mount {
        @Override
        public void lower(MountContext context) {
            context.make(target, uid, gid);
        }
    }

    /// A directory of the root, made where it is missing, as a mount of its own: it stays writable when the root is [Sealed].
    record Kept(String target) implements Mount {
        public Kept {
            checkTarget(target);
        }

        @Override
        public void lower(MountContext context) {
            Arg.Result place = context.place(target, true);
            Arg.Result tree = context.plan().add(Sys.OPEN_TREE, place, MountFlags.EMPTY, MountFlags.OPEN_TREE_OF_FD);
            MountCalls.attach(context.plan(), tree, place);
        }
    }

    /// No mount but a file, made anew with all that is in it. It comes after the mounts, and before the root is [Sealed].
    record Content(String target, byte[] bytes, int mode) implements Mount {
        public Content {
            checkTarget(target);
        }

        @Override
        public void lower(MountContext context) {
            context.write(target, bytes, mode);
        }
    }

    /// Makes the root itself read-only, and no other mount. It comes after the mounts, whose places may have to be made.
    record Sealed() implements Mount {
        @Override
        public String target() {
            return "/";
        }

        @Override
        public void lower(MountContext context) {
            MountCalls.attributes(
                    context.plan(), context.place(target(), true), MountFlags.RDONLY, Propagation.PRIVATE, false);
        }
    }

    /// Checks a mount point that a caller gave.
    ///
    /// @throws IllegalArgumentException if it is not absolute and plain, is the root, or lies in /proc
    static void checkTarget(String target) {
        if (!target.startsWith("/") || target.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "mount point '" + target.replace('\0', '?') + "' is not an absolute path");
        }
        if (target.equals("/") || target.endsWith("/")) {
            throw new IllegalArgumentException("mount point '" + target + "' is the root or ends with a slash");
        }
        for (String part : target.substring(1).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("mount point '" + target + "' has an empty, '.' or '..' component");
            }
        }
        if (target.equals("/proc") || target.startsWith("/proc/")) {
            throw new IllegalArgumentException("mount point '" + target + "' lies in /proc, which is the kernel's");
        }
    }

}
