// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.mount.BindOptions;
import org.dolium.namespace.IdMaps;

/// A detached copy of a host's directory whose file owners are mapped; see mount_setattr(2), `MOUNT_ATTR_IDMAP`. Only
/// who is privileged over the file system may make one, so the JVM does and passes it to the child.
public final class IdMappedTree {
    private static final long MOUNT_ATTR_IDMAP = 0x100000;
    private static final int MOUNT_ATTR_SIZE = 32;
    private static final long AT_EMPTY_PATH = 0x1000;
    private static final long AT_RECURSIVE = 0x8000;

    private IdMappedTree() {}

    /// Makes a user namespace that carries maps for any number of trees.
    public static Fd owners(IdMaps uids, IdMaps gids, int lastCapability) throws IOException, InterruptedException {
        return UserNamespaceFile.create(uids, gids, lastCapability);
    }

    /// Makes the tree with all its attributes set.
    ///
    /// @param owners the namespace whose maps it gets
    public static Fd open(String source, BindOptions options, Fd owners) throws IOException {
        Arg.Num how = options.recursive() ? MountFlags.OPEN_TREE_RECURSIVE : MountFlags.OPEN_TREE;
        Fd tree = new Fd((int) Kernel.perform(Syscall.of(Sys.OPEN_TREE, Arg.AT_FDCWD, Arg.str(source), how)));
        try {
            map(tree, source, options, owners);
            return tree;
        } catch (IOException | RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    private static void map(Fd tree, String source, BindOptions options, Fd owners) throws ErrnoException {
        byte[] plain = MountFlags.mountAttr(options.attributes(), options.propagation()).value();
        try (Arena arena = Arena.ofConfined()) {
            Memory attr = Memory.copy(arena, plain);
            long set = attr.getLong(0);
            attr.putLong(0, set | MOUNT_ATTR_IDMAP);
            attr.putLong(24, owners.number());
            long flags = options.recursive() ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH;
            Memory empty = Memory.allocate(arena, 1);
            Kernel.check(
                    Kernel.call(Sys.MOUNT_SETATTR, tree.number(), empty.address(), flags, attr.address(), MOUNT_ATTR_SIZE, 0),
                    "mount_setattr(<" + Quoting.quote(source) + ">, \"\", AT_EMPTY_PATH" + (options.recursive() ? "|AT_RECURSIVE" : "")
                            + ", {attr_set=MOUNT_ATTR_IDMAP, userns_fd=" + owners.number() + "})");
        }
    }
}
