// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Quoting;
import org.dolium.oci.unpack.Metadata;
import org.jspecify.annotations.Nullable;

/// Reads a tree, or several on top of each other as overlayfs stacks them, and writes an archive of it: directories before what is in
/// them, removals before what is there, names in the order of their bytes. Whoever has made the tree may be hostile and still at work.
final class TreePack {
    private static final byte[] MARK = {'.', 'w', 'h', '.'};
    private static final byte[] OPAQUE = {'.', 'w', 'h', '.', '.', 'w', 'h', '.', '.', 'o', 'p', 'q'};
    private static final byte[] NOTHING = {};
    private static final Metadata REMOVAL = new Metadata(0600, 0, 0, 0, 0, Map.of());
    private static final int SHOWN = 200;

    private final PackCalls calls;
    private final TarOutput tar;
    private final PackPolicy policy;
    private final Output output;
    private final PackReport.Counter report;
    private final Origin origin;
    private final FileContent content;
    private final Map<Inode, byte[]> linked = new HashMap<>();

    /// What the archive is.
    enum Output {
        /// A layer of what one tree has and what it removes.
        CHANGES,
        /// A layer of all that is there.
        LAYER,
        /// No layer, but an archive of files: names mean nothing else in it.
        FILES
    }

    private record Inode(long device, long inode) {}

    TreePack(PackCalls calls, TarOutput tar, PackPolicy policy, Output output, PackReport.Counter report) {
        this.calls = calls;
        this.tar = tar;
        this.policy = policy;
        this.output = output;
        this.report = report;
        origin = new Origin(calls, policy, report);
        content = new FileContent(calls, tar);
    }

    /// @param roots the trees, the topmost first; they stay open
    void pack(List<Fd> roots) throws IOException {
        Fd top = roots.get(0);
        boolean opaque = origin.isOpaque(top);
        if (output != Output.CHANGES) {
            write('5', new byte[] {'.', '/'}, origin.of(top, calls.status(top)).metadata());
        } else if (opaque) {
            removal(OPAQUE);
        }
        directory(opaque ? roots.subList(0, 1) : roots, NOTHING, 0);
    }

    private void write(char type, byte[] path, Metadata metadata) throws IOException {
        tar.entry(type, path, metadata, NOTHING);
        report.entry();
    }

    private void removal(byte[] path) throws IOException {
        tar.entry('0', path, REMOVAL, NOTHING);
        report.removal();
    }

    /// All that is in a directory.
    ///
    /// @param path of it, with a slash at the end unless it is the root
    private void directory(List<Fd> layers, byte[] path, int depth) throws IOException {
        if (depth >= policy.limits().depth()) {
            throw new PackException(shown(path) + ": directories are more than " + policy.limits().depth() + " deep");
        }
        TreeMap<byte[], Integer> names = names(layers, path);
        if (output == Output.CHANGES) {
            for (byte[] name : List.copyOf(names.keySet())) {
                if (isWhiteout(layers.get(0), name)) {
                    names.remove(name);
                    removal(join(path, join(MARK, checked(path, name))));
                }
            }
        }
        for (Map.Entry<byte[], Integer> name : names.entrySet()) {
            place(layers.subList(name.getValue(), layers.size()), path, name.getKey(), depth);
        }
    }

    /// The names in a directory, each with the topmost layer that has it.
    private TreeMap<byte[], Integer> names(List<Fd> layers, byte[] path) throws IOException {
        TreeMap<byte[], Integer> all = new TreeMap<>(Arrays::compareUnsigned);
        List<byte[]> some = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            try (Fd directory = new Fd((int) PackCalls.check(calls.tryOpen(layers.get(i), true), "openat", path))) {
                while (calls.names(directory, some)) {
                    for (byte[] name : some) {
                        all.putIfAbsent(name, i);
                    }
                    some.clear();
                    checkCount(all.size());
                }
            }
        }
        return all;
    }

    private void checkCount(long names) throws PackException {
        if (tar.headers() + names > policy.limits().entries()) {
            throw new PackException("the tree has more than " + policy.limits().entries() + " entries");
        }
    }

    private boolean isWhiteout(Fd at, byte[] name) throws IOException {
        if (policy.kind() == PackPolicy.Kind.PLAIN) {
            return false;
        }
        try (Fd handle = calls.handle(at, name)) {
            return handle != null && calls.status(handle).isWhiteout();
        }
    }

    /// What errors of the host are about.
    private void place(List<Fd> layers, byte[] parent, byte[] name, int depth) throws IOException {
        try {
            entry(layers, parent, name, depth);
        } catch (ErrnoException e) {
            throw new PackException(shown(join(parent, name)) + ": " + e.getMessage(), e);
        } catch (PackException e) {
            throw e.getMessage().startsWith("\"") ? e : new PackException(shown(join(parent, name)) + ": " + e.getMessage(), e);
        }
    }

    private void entry(List<Fd> layers, byte[] parent, byte[] name, int depth) throws IOException {
        Fd handle = calls.handle(layers.get(0), name);
        if (handle == null) {
            return; // somebody has removed it
        }
        try (Held held = Held.of(calls, handle)) {
            Status status = held.status();
            if (status.isWhiteout() && policy.kind() != PackPolicy.Kind.PLAIN) {
                if (output == Output.CHANGES) { // made since its directory was read
                    removal(join(parent, join(MARK, checked(parent, name))));
                }
                return;
            }
            checkCount(1);
            byte[] path = join(parent, checked(parent, name));
            if (status.type() == Status.SOCKET) {
                report.socket();
                return;
            }
            Origin.Known known = origin.of(handle, status);
            if (status.isDirectory()) {
                subdirectory(layers, handle, known, path, name, depth);
            } else if (status.isRegular()) {
                file(handle, status, known.metadata(), path);
            } else {
                other(handle, status, known.metadata(), path);
            }
        }
    }

    /// A name that says what it means.
    private byte[] checked(byte[] parent, byte[] name) throws PackException {
        boolean marked = name.length >= MARK.length && Arrays.equals(name, 0, MARK.length, MARK, 0, MARK.length);
        if (marked && output != Output.FILES) {
            throw new PackException(shown(join(parent, name)) + ": its name begins with .wh., which means a removal in layers");
        }
        return name;
    }

    private void subdirectory(List<Fd> layers, Fd handle, Origin.Known known, byte[] path, byte[] name, int depth)
            throws IOException {
        byte[] inside = join(path, new byte[] {'/'});
        write('5', inside, known.metadata());
        if (known.opaque() && output == Output.CHANGES) {
            removal(join(inside, OPAQUE));
        }
        List<Held> lower = new ArrayList<>();
        try {
            if (!known.opaque()) {
                addLower(layers, name, lower);
            }
            List<Fd> stack = new ArrayList<>(List.of(handle));
            for (Held one : lower) {
                stack.add(one.fd());
            }
            directory(stack, inside, depth + 1);
        } finally {
            for (Held one : lower) {
                one.close();
            }
        }
    }

    /// The directories of this name that overlayfs merges with the topmost one.
    private void addLower(List<Fd> layers, byte[] name, List<Held> stack) throws IOException {
        for (int i = 1; i < layers.size(); i++) {
            Fd lower = calls.handle(layers.get(i), name);
            if (lower == null) {
                continue;
            }
            Held held = Held.of(calls, lower);
            if (!held.status().isDirectory()) {
                held.close();
                return;
            }
            stack.add(held);
            if (origin.isOpaque(lower)) {
                return;
            }
        }
    }

    private void file(Fd handle, Status status, Metadata metadata, byte[] path) throws IOException {
        if (status.links() > 1) {
            Inode inode = new Inode(status.device(), status.inode());
            byte @Nullable [] first = linked.putIfAbsent(inode, path);
            if (first != null) {
                tar.entry('1', path, metadata, first);
                report.entry();
                return;
            }
        }
        if (status.size() > policy.limits().bytes() - report.bytes()) {
            throw new PackException(shown(path) + ": the files have more than " + policy.limits().bytes() + " bytes");
        }
        try (Fd file = new Fd((int) PackCalls.check(calls.tryOpen(handle, false), "openat", path))) {
            content.write(file, status, metadata, path);
        }
        report.entry();
        report.file(status.size());
    }

    private void other(Fd handle, Status status, Metadata metadata, byte[] path) throws IOException {
        switch (status.type()) {
            case Status.LINK -> {
                tar.entry('2', path, metadata, calls.target(handle));
                report.entry();
            }
            case Status.FIFO -> write('6', path, metadata);
            case Status.CHARACTER, Status.BLOCK -> {
                if (status.isWhiteout() && output != Output.FILES) {
                    throw new PackException(shown(path) + ": it is the device 0:0, which overlayfs takes for a removal");
                }
                tar.device(status.type() == Status.BLOCK ? '4' : '3', path, metadata, status.major(), status.minor());
                report.entry();
            }
            default -> throw new PackException(shown(path) + ": it is of the unknown type 0" + Integer.toOctalString(status.type()));
        }
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static String shown(byte[] path) {
        return path.length > SHOWN ? Quoting.quote(Arrays.copyOf(path, SHOWN)) + "..." : Quoting.quote(path);
    }
}
