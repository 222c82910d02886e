// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.OpenFlags;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.Owners;
import org.jspecify.annotations.Nullable;

/// What the upper directory of an overlay changes of the lower ones: `docker diff`. Nothing outside of them is looked at, whatever a
/// container does meanwhile.
public final class TreeChanges {
    private static final int DIRECTORY_NOFOLLOW = OpenFlags.directory(Kernel.ARCH) | OpenFlags.noFollow(Kernel.ARCH);
    private static final byte[] SLASH = {'/'};

    private final PackCalls calls;
    private final Origin origin;
    private final Consumer<TreeChange> listener;
    private final boolean merged;
    private long count;

    /// @param merged whether what is above is all that overlayfs shows, not only what is in an upper directory
    private TreeChanges(PackCalls calls, PackPolicy policy, boolean merged, Consumer<TreeChange> listener) {
        this.calls = calls;
        this.merged = merged;
        this.listener = listener;
        origin = new Origin(calls, policy, new PackReport.Counter());
    }

    /// In the order of the names' bytes, directories before what is in them. A directory is changed if it is another one than below, or
    /// if something was added or deleted in it.
    ///
    /// @param lower the layers below, topmost first
    public static List<TreeChange> of(Path upper, List<Path> lower, PackPolicy.Kind kind) throws IOException {
        List<TreeChange> changes = new ArrayList<>();
        each(upper, lower, PackPolicy.of(kind, new Owners.Kept()), false, changes::add);
        return changes;
    }

    /// What a directory in which an overlay is mounted shows otherwise than the lower directories, also while the upper one can't be
    /// reached: files are compared by type, permissions, owner, size and time of change. One that was changed and given all of
    /// these again is not seen. What is mounted over is left out.
    ///
    /// @param root the overlay, as `/proc/PID/root/.`
    /// @param lower the layers below, topmost first
    /// @param policy its owners say how those of the layers are shown
    public static List<TreeChange> ofMerged(Path root, List<Path> lower, PackPolicy policy) throws IOException {
        List<TreeChange> changes = new ArrayList<>();
        each(root, lower, policy, true, changes::add);
        return changes;
    }

    private static void each(Path upper, List<Path> lower, PackPolicy policy, boolean merged, Consumer<TreeChange> listener)
            throws IOException {
        List<Held> roots = new ArrayList<>();
        try (PackCalls calls = new PackCalls()) {
            List<Path> all = new ArrayList<>(List.of(upper));
            all.addAll(lower);
            try {
                for (Path directory : all) {
                    Fd opened = Fd.open(directory.toString(), DIRECTORY_NOFOLLOW, 0);
                    roots.add(merged && roots.isEmpty() ? Held.asItIs(calls, opened) : Held.of(calls, opened));
                }
                new TreeChanges(calls, policy, merged, listener).directory(roots.get(0), roots.subList(1, roots.size()), SLASH, 0);
            } finally {
                for (Held root : roots) {
                    root.close();
                }
            }
        }
    }

    /// @param path of the directory, with a slash at the end
    /// @return whether something was added or deleted in it
    private boolean directory(Held upper, List<Held> lower, byte[] path, int depth) throws IOException {
        if (depth > LayerLimits.standard().depth()) {
            throw new PackException("directories are more than " + LayerLimits.standard().depth() + " deep");
        }
        boolean opaque = merged || origin.isOpaque(upper.fd());
        TreeMap<byte[], Boolean> names = new TreeMap<>(Arrays::compareUnsigned);
        addNames(upper.fd(), true, names);
        for (int i = 0; opaque && i < lower.size(); i++) {
            addNames(lower.get(i).fd(), false, names);
        }
        boolean listed = false;
        for (Map.Entry<byte[], Boolean> name : names.entrySet()) {
            listed |= name(upper, lower, path, name.getKey(), depth);
        }
        return listed;
    }

    private void addNames(Fd handle, boolean above, TreeMap<byte[], Boolean> names) throws IOException {
        List<byte[]> some = new ArrayList<>();
        try (Fd directory = new Fd((int) PackCalls.check(calls.tryOpen(handle, true), "openat", SLASH))) {
            while (calls.names(directory, some)) {
                some.forEach(name -> names.putIfAbsent(name, above));
                some.clear();
            }
        }
    }

    private boolean name(Held upper, List<Held> lower, byte[] parent, byte[] name, int depth) throws IOException {
        byte[] path = join(parent, name);
        List<Held> below = new ArrayList<>();
        try {
            @Nullable Status before = find(lower, name, below);
            long opened = calls.tryHandle(upper.fd(), name);
            if (merged && opened == -Errno.EXDEV.value()) {
                return false; // mounted over
            }
            boolean gone = opened == -Errno.ENOENT.value();
            Fd handle = gone ? null : new Fd((int) PackCalls.check(opened, "openat2", name));
            if (handle == null) { // hidden by an opaque directory
                return before != null && tell(TreeChange.Kind.DELETED, path);
            }
            try (Held held = merged ? Held.asItIs(calls, handle) : Held.of(calls, handle)) {
                if (held.status().isWhiteout()) {
                    return before != null && tell(TreeChange.Kind.DELETED, path);
                }
                return present(held, before, below, path, depth);
            }
        } finally {
            for (Held one : below) {
                one.close();
            }
        }
    }

    private boolean present(Held held, @Nullable Status before, List<Held> below, byte[] path, int depth) throws IOException {
        boolean added = before == null;
        if (added) {
            tell(TreeChange.Kind.ADDED, path);
        } else if (!isSame(held.status(), before)) {
            tell(TreeChange.Kind.CHANGED, path);
            before = null; // it is said
        }
        if (held.status().isDirectory()) {
            inside(held, before, below, path, depth);
        }
        return added;
    }

    /// What is in a directory; the directory comes first, and only if something has changed in it.
    private void inside(Held held, @Nullable Status unsaid, List<Held> below, byte[] path, int depth) throws IOException {
        byte[] directory = join(path, SLASH);
        if (unsaid == null) {
            directory(held, below, directory, depth + 1);
            return;
        }
        List<TreeChange> within = new ArrayList<>();
        TreeChanges collecting = new TreeChanges(calls, origin.policy(), merged, within::add);
        if (collecting.directory(held, below, directory, depth + 1)) {
            tell(TreeChange.Kind.CHANGED, path);
        }
        count += within.size();
        within.forEach(listener);
    }

    private boolean tell(TreeChange.Kind kind, byte[] path) throws PackException {
        if (++count > LayerLimits.standard().entries()) {
            throw new PackException("there are more than " + LayerLimits.standard().entries() + " changes");
        }
        listener.accept(new TreeChange(kind, path));
        return true;
    }

    /// A file in an upper directory is another one.
    private boolean isSame(Status one, Status below) {
        boolean same = one.mode() == below.mode() && one.seconds() == below.seconds() && one.nanos() == below.nanos();
        if (!merged) {
            return one.isDirectory() && same && one.uid() == below.uid() && one.gid() == below.gid();
        }
        boolean owners = origin.policy().owners() instanceof Owners.Mapped mapped
                ? one.uid() == mapped.uids().outside(below.uid()) && one.gid() == mapped.gids().outside(below.gid())
                : one.uid() == below.uid() && one.gid() == below.gid();
        return same && owners && (one.isDirectory() || one.size() == below.size());
    }

    /// What the layers below show under a name.
    ///
    /// @param directories gets those that are merged, if it is a directory
    private @Nullable Status find(List<Held> lower, byte[] name, List<Held> directories) throws IOException {
        Status found = null;
        for (Held layer : lower) {
            Fd handle = calls.handle(layer.fd(), name);
            if (handle != null) {
                Held held = Held.of(calls, handle);
                Status status = held.status();
                if (!status.isDirectory()) {
                    held.close();
                    return found == null && !status.isWhiteout() ? status : found;
                }
                directories.add(held);
                found = found == null ? status : found;
                if (origin.isOpaque(handle)) {
                    return found;
                }
            }
            if (origin.isOpaque(layer.fd())) {
                return found;
            }
        }
        return found;
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }
}
