// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.jspecify.annotations.Nullable;

/// What a layer removes of earlier ones. It never removes something of the layer itself, whatever comes first in the archive: overlays
/// get their marks when all else is there.
final class Removals {
    private static final String TRUSTED_OPAQUE = "trusted.overlay.opaque";
    private static final String USER_OPAQUE = "user.overlay.opaque";
    private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

    /// Takes note of what is gone.
    interface Notes {
        /// What earlier layers had in a directory is gone.
        ///
        /// @param itself whether the directory is, too
        void removed(LayerPath path, boolean itself) throws IOException;
    }

    private final TreeCalls calls;
    private final LayerPolicy.Removals kind;
    private final TreeRemoval removal;
    private final DirectoryChain chain;
    private final Budget budget;
    private final Notes notes;
    private final TreeSet<LayerPath> written = new TreeSet<>();
    private final TreeSet<LayerPath> whiteouts = new TreeSet<>();
    private final TreeSet<LayerPath> opaque = new TreeSet<>();
    private final TreeSet<LayerPath> renewed = new TreeSet<>();

    Removals(TreeCalls calls, LayerPolicy.Removals kind, TreeRemoval removal, DirectoryChain chain, Budget budget, Notes notes) {
        this.calls = calls;
        this.kind = kind;
        this.removal = removal;
        this.chain = chain;
        this.budget = budget;
        this.notes = notes;
    }

    private boolean applied() {
        return kind == LayerPolicy.Removals.APPLIED;
    }

    /// Takes note of what is of this layer, and of the directories that it is in. Where each layer has a directory of its own all
    /// that is in it is.
    void written(LayerPath path) throws LayerException {
        for (LayerPath at = path; applied() && !at.isRoot() && written.add(at); ) {
            budget.keep(at, Metadata.IMPLIED);
            at = at.parent();
        }
    }

    /// Whether something of this layer is at a path, or in it, where that is noted.
    boolean isWritten(LayerPath path) {
        return written.contains(path);
    }

    /// Whether a directory of this layer takes the place of one that it removes.
    boolean isRenewed(LayerPath path) {
        return renewed.contains(path);
    }

    /// What was of this layer at a path is there no longer.
    void replaced(LayerPath path) {
        written.remove(path);
        written.subSet(path.bound('/'), path.bound('0')).clear();
    }

    void whiteout(LayerPath path) throws IOException {
        if (!applied()) {
            keep(whiteouts, path);
            return;
        }
        Fd at = directory(path.parent(), false);
        if (at == null) {
            return;
        }
        if (written.contains(path)) {
            TreeCalls.@Nullable Status status = calls.status(at, path.name());
            if (status != null && status.isDirectory()) {
                clear(path, true);
            }
            return;
        }
        chain.forget(path);
        removal.remove(at, path.name());
        notes.removed(path, true);
    }

    private void keep(TreeSet<LayerPath> marks, LayerPath path) throws LayerException {
        if (marks.add(path)) {
            budget.keep(path, Metadata.IMPLIED);
        }
    }

    /// Marks in an overlay what the layer removes, each before what is in it.
    void finish(Placed placed) throws IOException {
        for (LayerPath path : whiteouts) {
            if (!isHidden(path)) {
                placed.run(path, () -> mark(path));
            }
        }
        for (LayerPath path : opaque) {
            placed.run(path, () -> markOpaque(path));
        }
    }

    /// Whether a directory that it is in hides all that earlier layers have. Overlayfs looks for no marks there and would show them.
    private boolean isHidden(LayerPath path) {
        for (LayerPath at = path; !at.isRoot(); ) {
            at = at.parent();
            if (opaque.contains(at) || renewed.contains(at)) {
                return true;
            }
        }
        return false;
    }

    /// Says where in the layer something fails.
    interface Placed {
        void run(LayerPath path, Mark mark) throws IOException;
    }

    /// Marks one removal.
    interface Mark {
        void make() throws IOException;
    }

    /// The directory in which something is removed; null if there is nothing, as where a file, a removal or a link of this layer is
    /// instead of it: umoci removes what was in a directory one by one although what comes in its place removes it all.
    private @Nullable Fd directory(LayerPath path, boolean make) throws IOException {
        try {
            return make ? chain.enter(path) : chain.find(path);
        } catch (LayerException e) {
            DirectoryChain.@Nullable Obstacle obstacle = chain.obstacle(path);
            if (obstacle != null && replaces(obstacle)) {
                return null;
            }
            throw e;
        }
    }

    private boolean replaces(DirectoryChain.Obstacle obstacle) {
        TreeCalls.Status status = obstacle.status();
        boolean own = !applied() || written.contains(obstacle.path());
        return status.isRegular() || own && (status.isWhiteout() || status.isLink());
    }

    private void mark(LayerPath path) throws IOException {
        Fd at = directory(path.parent(), true);
        if (at == null) {
            return;
        }
        long made = calls.tryNode(at, path.name(), TreeCalls.CHARACTER, 0, 0);
        if (!DirectoryChain.failed(made, Errno.EEXIST)) {
            TreeCalls.check(made, "mknodat", path.name());
            return;
        }
        TreeCalls.@Nullable Status status = calls.status(at, path.name());
        if (status != null && status.isDirectory()) {
            mark(chain.enter(path));
            renewed.add(path);
        }
    }

    private void markOpaque(LayerPath path) throws IOException {
        Fd directory = directory(path, true);
        if (directory != null) {
            mark(directory);
        }
    }

    /// Layers of the host's root get the mark of user namespaces too, where these can be: root mounts them there as well.
    private void mark(Fd directory) throws IOException {
        boolean privileged = kind == LayerPolicy.Removals.OVERLAY;
        long forUsers = calls.trySetXattr(directory, USER_OPAQUE, YES);
        if (!privileged || !DirectoryChain.failed(forUsers, Errno.EOPNOTSUPP)) {
            Kernel.check(forUsers, "fsetxattr(" + directory + ", \"" + USER_OPAQUE + "\")");
        }
        if (privileged) {
            Kernel.check(
                    calls.trySetXattr(directory, TRUSTED_OPAQUE, YES), "fsetxattr(" + directory + ", \"" + TRUSTED_OPAQUE + "\")");
        }
    }

    void opaque(LayerPath path) throws IOException {
        if (!applied()) {
            keep(opaque, path);
            return;
        }
        Fd parent = path.isRoot() ? null : chain.find(path.parent());
        TreeCalls.@Nullable Status status = parent == null ? null : calls.status(parent, path.name());
        if (!path.isRoot() && (status == null || !status.isDirectory())) {
            return; // nothing, or no directory: an earlier layer's file or link has no content to hide
        }
        clear(path, false);
    }

    private void clear(LayerPath path, boolean itself) throws IOException {
        Fd directory = chain.find(path);
        if (directory != null) {
            removal.clear(directory, path, written::contains);
            notes.removed(path, itself);
        }
    }
}
