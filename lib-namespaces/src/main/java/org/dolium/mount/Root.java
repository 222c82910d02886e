// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// The root of a container, made as a detached tree with all attributes set.
public sealed interface Root {
    /// Appends the calls that make the tree.
    ///
    /// @param propagation with [Propagation#SLAVE] the host's later mounts below the tree appear in it; else none do
    /// @return its descriptor
    Arg.Result lower(PlanBuilder plan, Propagation propagation);

    /// The host's root with everything mounted below it, read-only.
    record Host() implements Root {
        @Override
        public Arg.Result lower(PlanBuilder plan, Propagation propagation) {
            return tree(plan, "/", true, propagation);
        }
    }

    /// A directory of the host with everything mounted below it.
    record Directory(String path, boolean readOnly) implements Root {
        @Override
        public Arg.Result lower(PlanBuilder plan, Propagation propagation) {
            return tree(plan, path, readOnly, propagation);
        }
    }

    /// A detached tree that the JVM made and passes to the child, because only the JVM may make it so.
    ///
    /// @param fd the tree's descriptor in the child
    /// @param source what it is a copy of, for the printed plan
    record Passed(int fd, String source) implements Root {
        @Override
        public Arg.Result lower(PlanBuilder plan, Propagation propagation) {
            return plan.add(
                    Sys.FCNTL, Arg.flags(fd, fd + "<id-mapped " + Quoting.quote(source) + ">"),
                    Arg.flags(1030, "F_DUPFD_CLOEXEC"), Arg.num(0));
        }
    }

    /// An overlay of directories of the host.
    ///
    /// @param lower the read-only layers, topmost first
    /// @param upper where writes go: a pair of directories of the host, or memory
    /// @param inUserNamespace whether the overlay is mounted in a new user namespace
    /// @param passedFd the descriptor of the first layer's tree, which the JVM made and passes, those of the others follow;
    ///     or -1, and the layers are opened by their paths. Passed layers need an upper layer in memory
    /// @param byLinks whether the layers are given in the one string that mount(2) takes, by links with short names: for kernels
    ///     whose fsconfig(2) does not take that many
    record Overlay(List<String> lower, Upper upper, boolean inUserNamespace, int passedFd, boolean byLinks) implements Root {
        /// fsconfig(2) takes strings of up to 256 bytes with their NUL.
        public static final int LONGEST_OPTION = 255;
        /// Overlayfs takes no more lower layers.
        public static final int MOST_LAYERS = 500;

        private static final int STATFS_SIZE = 120;
        private static final int STATFS_FLAGS = 80;

        public Overlay {
            lower = List.copyOf(lower);
        }

        public Overlay(List<String> lower, Upper upper, boolean inUserNamespace) {
            this(lower, upper, inUserNamespace, -1, false);
        }

        /// The same with its layers given by links.
        public Overlay withLinks() {
            return new Overlay(lower, upper, inUserNamespace, passedFd, true);
        }

        /// The same with another upper layer.
        public Overlay withUpper(Upper other) {
            return new Overlay(lower, other, inUserNamespace, passedFd, byLinks);
        }

        @Override
        public Arg.Result lower(PlanBuilder plan, Propagation propagation) {
            String[] directories = upper.lower(plan);
            for (int i = 0; i < lower.size() && passedFd >= 0; i++) {
                Arg.Num layer = Arg.flags(passedFd + i, passedFd + i + "<id-mapped " + Quoting.quote(lower.get(i)) + ">");
                plan.add(Sys.MKDIRAT, Arg.AT_FDCWD, Arg.str(place(i)), Arg.octal(0755));
                plan.add(Sys.MOVE_MOUNT, layer, MountFlags.EMPTY, Arg.AT_FDCWD, Arg.str(place(i)), MountFlags.MOVE_FROM_FD);
            }
            Arg.Result tree = byLinks ? OverlayLinks.mount(plan, this, directories) : create(plan, directories);
            // an upper layer that can't be written makes a read-only overlay without an error
            Arg.Result statfs = plan.add(Syscall.of(
                    Sys.FSTATFS, tree, new Arg.Buffer(STATFS_SIZE, new byte[0], "[statfs]")));
            plan.expect(statfs, 1, STATFS_FLAGS, 1, 0, "has no ST_RDONLY");
            upper.lowerRelease(plan);
            return tree;
        }

        private Arg.Result create(PlanBuilder plan, String[] directories) {
            List<String> options = new ArrayList<>(lowerOptions());
            options.addAll(List.of("upperdir", directories[0], "workdir", directories[1], "volatile", ""));
            // whatever the module's parameters say: an upper layer with redirects or without contents is no layer of an image
            options.addAll(inUserNamespace ? List.of("userxattr", "") : List.of("redirect_dir", "off", "metacopy", "off"));
            return MountCalls.create(plan, "overlay", MountFlags.NOSUID | MountFlags.NODEV, options.toArray(new String[0]));
        }

        /// One option while it is short enough, as every kernel takes it; else one for each layer.
        private List<String> lowerOptions() {
            if (joined().getBytes(StandardCharsets.UTF_8).length <= LONGEST_OPTION) {
                return List.of("lowerdir", joined());
            }
            List<String> options = new ArrayList<>();
            for (int i = 0; i < lower.size(); i++) {
                options.add("lowerdir+");
                options.add(layer(i));
            }
            return options;
        }

        /// Whether the layers need an option each, which Linux has since 6.8.
        public boolean needsOptionPerLayer() {
            return lowerOptions().size() > 2 || !lowerOptions().get(0).equals("lowerdir");
        }

        private static String place(int i) {
            return Upper.Memory.ANCHOR + "/l" + i;
        }

        String layer(int i) {
            return passedFd < 0 ? lower.get(i) : place(i);
        }

        private String joined() {
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < lower.size(); i++) {
                out.append(i == 0 ? "" : ":");
                String path = layer(i);
                for (int j = 0; j < path.length(); j++) {
                    char c = path.charAt(j);
                    if (c == ':' || c == '\\') {
                        out.append('\\');
                    }
                    out.append(c);
                }
            }
            return out.toString();
        }
    }

    /// Where an overlay's writes go.
    sealed interface Upper {
        /// Appends what makes the two directories.
        ///
        /// @return the paths of the upper and the work directory
        String[] lower(PlanBuilder plan);

        /// Appends what is to be done when the overlay holds them.
        void lowerRelease(PlanBuilder plan);

        /// Two directories of the host, on one file system.
        record Disk(String upper, String work) implements Upper {
            @Override
            public String[] lower(PlanBuilder plan) {
                return new String[] {upper, work};
            }

            @Override
            public void lowerRelease(PlanBuilder plan) {}
        }

        /// Memory, at most `bytes` and `inodes`. Overlayfs wants paths, so the memory file system is mounted on /proc of
        /// the old root, in the container's own mount namespace, for as long as it takes to make the overlay.
        record Memory(long bytes, long inodes) implements Upper {
            static final String ANCHOR = "/proc";

            @Override
            public String[] lower(PlanBuilder plan) {
                Arg.Result memory = MountCalls.create(
                        plan, "tmpfs", MountFlags.NOSUID | MountFlags.NODEV, "size", Long.toString(bytes), "nr_inodes",
                        Long.toString(inodes), "mode", "0700");
                plan.add(Sys.MKDIRAT, memory, Arg.str("upper"), Arg.octal(0755));
                plan.add(Sys.MKDIRAT, memory, Arg.str("work"), Arg.octal(0700));
                plan.add(
                        Sys.MOVE_MOUNT, memory, MountFlags.EMPTY, Arg.AT_FDCWD, Arg.str(ANCHOR),
                        MountFlags.MOVE_FROM_FD);
                return new String[] {ANCHOR + "/upper", ANCHOR + "/work"};
            }

            @Override
            public void lowerRelease(PlanBuilder plan) {
                plan.add(Sys.UMOUNT2, Arg.str(ANCHOR), Arg.flags(2, "MNT_DETACH"));
            }
        }
    }

    private static Arg.Result tree(PlanBuilder plan, String path, boolean readOnly, Propagation propagation) {
        Arg.Result tree = MountCalls.copy(plan, path, true);
        Propagation spread = propagation == Propagation.SLAVE ? propagation : Propagation.PRIVATE;
        int attributes = MountFlags.NOSUID | MountFlags.NODEV | (readOnly ? MountFlags.RDONLY : 0);
        MountCalls.attributes(plan, tree, attributes, spread, true);
        return tree;
    }
}
