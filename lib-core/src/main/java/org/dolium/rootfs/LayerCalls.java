// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// What is at a name in directories that lie over each other. Paths here have no links: none is ever followed.
final class LayerCalls {
    private static final int O_PATH_NOFOLLOW_CLOEXEC = 0x280000 | OpenFlags.noFollow(Kernel.ARCH);
    private static final long RESOLVE_CAREFULLY = 0x02 | 0x04 | 0x08; // no magic links, no links, beneath
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_TYPE = 0x01;
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int CHARACTER = 0020000;
    private static final int PATH_MAX = 4096;

    private final Arena arena;
    private final Memory how;
    private final Memory small;
    private final Memory text;

    LayerCalls(Arena arena) {
        this.arena = arena;
        this.how = Memory.allocate(arena, 24);
        this.small = Memory.allocate(arena, 256);
        this.text = Memory.allocate(arena, PATH_MAX);
    }

    Arena arena() {
        return arena;
    }

    /// One of a link, a directory, a regular file and something else.
    ///
    /// @param layer the topmost that has it
    record Found(Path layer, @Nullable String link, LayeredFile.@Nullable Merged directory, boolean regular) {}

    /// What overlayfs shows there, or null for nothing.
    @Nullable Found find(LayeredFile.Merged in, String name) throws IOException {
        List<Path> layers = new ArrayList<>();
        for (Path layer : in.layers()) {
            int opened = tryOpen(layer, in.child(name), O_PATH_NOFOLLOW_CLOEXEC);
            if (opened < 0) {
                continue;
            }
            try (Fd file = new Fd(opened)) {
                int type = type(file);
                if (type != DIRECTORY) {
                    if (!layers.isEmpty()) {
                        break; // a directory of a layer above hides it
                    }
                    return isRemoval(type) ? null : new Found(layer, type == LINK ? target(file) : null, null, type == REGULAR);
                }
                layers.add(layer);
                if (isOpaque(file)) {
                    break;
                }
            }
        }
        return layers.isEmpty()
                ? null
                : new Found(layers.get(0), null, new LayeredFile.Merged(in.child(name), layers), false);
    }

    /// Opens a file for reading.
    Fd open(Path layer, String path) throws IOException {
        int opened = tryOpen(layer, path, RootFile.O_RDONLY_NONBLOCK_CLOEXEC);
        if (opened < 0) {
            throw new IOException("'" + Quoting.printable(path) + "' in layer " + layer + " of the root file system has just gone");
        }
        return new Fd(opened);
    }

    /// The descriptor, or a negative number if there is nothing.
    private int tryOpen(Path layer, String path, long flags) throws IOException {
        how.putLong(0, flags);
        how.putLong(16, RESOLVE_CAREFULLY);
        byte[] name = Arg.terminated(path.getBytes(StandardCharsets.UTF_8));
        if (name.length > PATH_MAX) {
            return -1;
        }
        text.put(0, name, 0, name.length);
        try (Fd root = Fd.open(layer.toString(), RootFile.O_PATH_DIRECTORY_CLOEXEC, 0)) {
            long result = Kernel.call(Sys.OPENAT2, root.number(), text.address(), how.address(), 24);
            if (result == -Errno.ENOENT.value() || result == -Errno.ENOTDIR.value()) {
                return -1;
            }
            return (int) Kernel.check(result, "openat2(<" + Quoting.quote(layer.toString()) + ">, " + Quoting.quote(path)
                    + ", RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS)");
        }
    }

    private int type(Fd file) throws IOException {
        text.putLong(0, 0);
        Kernel.check(
                Kernel.call(Sys.STATX, file.number(), text.address(), AT_EMPTY_PATH, STATX_TYPE, small.address(), 0),
                "statx(" + file + ")");
        return small.getShort(28) & TYPE;
    }

    /// A character device 0:0; to be asked after [#type].
    private boolean isRemoval(int type) {
        return type == CHARACTER && small.getInt(128) == 0 && small.getInt(132) == 0;
    }

    private String target(Fd link) throws IOException {
        Memory empty = Memory.allocate(arena, 1);
        long length = Kernel.check(
                Kernel.call(Sys.READLINKAT, link.number(), empty.address(), text.address(), PATH_MAX), "readlinkat(" + link + ")");
        return new String(text.head((int) length), StandardCharsets.UTF_8);
    }

    /// Whether overlayfs looks no further down. Who may not read the one attribute has layers with the other.
    private boolean isOpaque(Fd directory) {
        return isYes(directory, "trusted.overlay.opaque") || isYes(directory, "user.overlay.opaque");
    }

    private boolean isYes(Fd directory, String attribute) {
        byte[] path = Arg.terminated(("/proc/self/fd/" + directory.number()).getBytes(StandardCharsets.UTF_8));
        text.put(0, path, 0, path.length);
        byte[] name = Arg.terminated(attribute.getBytes(StandardCharsets.UTF_8));
        text.put(path.length, name, 0, name.length);
        long length = Kernel.call(Sys.GETXATTR, text.address(), text.address() + path.length, small.address(), 16);
        return length == 1 && small.getByte(0) == 'y';
    }
}
