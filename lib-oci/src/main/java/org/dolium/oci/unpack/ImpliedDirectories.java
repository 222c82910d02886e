// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.OpenFlags;
import org.jspecify.annotations.Nullable;

/// Directories that a layer has something in and says nothing about, as archives without entries of parents do. In an overlay the
/// topmost directory decides about owner, permissions, attributes and times, so these have to get those of the layers below.
public final class ImpliedDirectories {
    static final ImpliedDirectories NONE = new ImpliedDirectories(List.of());

    private static final int O_PATH = 0x200000;
    private static final int HANDLE = O_PATH | OpenFlags.directory(Kernel.ARCH) | OpenFlags.noFollow(Kernel.ARCH);

    private final List<LayerPath> paths;

    /// @param paths what is in a directory before it
    ImpliedDirectories(List<LayerPath> paths) {
        this.paths = List.copyOf(paths);
    }

    /// Whether the layer says something about each of its directories.
    public boolean isEmpty() {
        return paths.isEmpty();
    }

    /// Makes these directories look as they do in the layers below. Those that are in none of them stay as they are.
    ///
    /// @param tree the layer's, which nobody uses yet
    /// @param lower the trees of the layers below, the topmost first
    public void inherit(Path tree, List<Path> lower) throws IOException {
        List<Fd> roots = new ArrayList<>();
        try (TreeCalls calls = new TreeCalls();
                Fd own = Fd.open(tree.toString(), HANDLE, 0)) {
            for (Path one : lower) {
                roots.add(Fd.open(one.toString(), HANDLE, 0));
            }
            for (LayerPath path : paths) {
                inherit(calls, own, roots, path);
            }
        } finally {
            for (Fd root : roots) {
                root.close();
            }
        }
    }

    private static void inherit(TreeCalls calls, Fd tree, List<Fd> lower, LayerPath path) throws IOException {
        if (isHidden(calls, tree, path)) {
            return;
        }
        for (Fd root : lower) {
            Search search = new Search(calls, root, path);
            try (HeldDirectory found = search.found()) {
                if (found != null) {
                    give(calls, tree, path, found);
                }
                if (found != null || search.isOver) {
                    return;
                }
            }
        }
    }

    /// Whether the layer itself hides what the layers below have there, by a directory above.
    private static boolean isHidden(TreeCalls calls, Fd tree, LayerPath path) throws IOException {
        if (path.isRoot()) {
            return false;
        }
        Search above = new Search(calls, tree, path.parent());
        try (HeldDirectory found = above.found()) {
            return found != null && above.isOver;
        }
    }

    private static void give(TreeCalls calls, Fd tree, LayerPath path, HeldDirectory lower) throws IOException {
        try (HeldDirectory own = new Search(calls, tree, path).found()) {
            if (own == null) {
                throw new IOException("the directory " + path + " of a layer was removed while it was unpacked");
            }
            calls.copyAttributes(lower.fd(), lower.status(), own.fd());
        }
    }

    /// A way through one layer, as overlayfs goes it.
    private static final class Search {
        private final TreeCalls calls;
        private final Fd root;
        private final LayerPath path;
        /// Whether layers below are hidden.
        private boolean isOver;

        Search(TreeCalls calls, Fd root, LayerPath path) {
            this.calls = calls;
            this.root = root;
            this.path = path;
        }

        /// The directory, or null if the layer has none of this path.
        @Nullable HeldDirectory found() throws IOException {
            HeldDirectory at = HeldDirectory.of(calls, root);
            isOver = calls.isOpaque(at.fd());
            for (byte[] name : path.names()) {
                try (HeldDirectory above = at) {
                    TreeCalls.@Nullable Status status = calls.status(above.fd(), name);
                    if (status == null || !status.isDirectory()) {
                        isOver |= status != null;
                        return null;
                    }
                    at = HeldDirectory.of(calls, above.fd(), name);
                }
                isOver |= calls.isOpaque(at.fd());
            }
            return at;
        }
    }
}
