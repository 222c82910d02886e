// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.jspecify.annotations.Nullable;

/// What a layer removes of earlier ones. It never removes something of the layer itself, whatever comes first in the archive.
final class Removals {
    private static final String TRUSTED_OPAQUE = "trusted.overlay.opaque";
    private static final String USER_OPAQUE = "user.overlay.opaque";
    private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

    private final TreeCalls calls;
    private final LayerPolicy.Removals kind;
    private final TreeRemoval removal;
    private final DirectoryChain chain;
    private final Budget budget;
    private final TreeSet<LayerPath> written = new TreeSet<>();

    Removals(TreeCalls calls, LayerPolicy.Removals kind, TreeRemoval removal, DirectoryChain chain, Budget budget) {
        this.calls = calls;
        this.kind = kind;
        this.removal = removal;
        this.chain = chain;
        this.budget = budget;
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

    /// What was of this layer at a path is there no longer.
    void replaced(LayerPath path) {
        written.remove(path);
        written.subSet(path.bound('/'), path.bound('0')).clear();
    }

    void whiteout(LayerPath path) throws IOException {
        if (!applied()) {
            mark(path);
            return;
        }
        Fd at = parent(path, false);
        if (at == null) {
            return;
        }
        if (written.contains(path)) {
            TreeCalls.@Nullable Status status = calls.status(at, path.name());
            if (status != null && status.isDirectory()) {
                opaque(path);
            }
            return;
        }
        chain.forget(path);
        removal.remove(at, path.name());
    }

    /// The directory in which something is removed; null if there is nothing, as where a file, a removal or a link of this layer is
    /// instead of it: umoci removes what was in a directory one by one although what comes in its place removes it all.
    private @Nullable Fd parent(LayerPath path, boolean make) throws IOException {
        try {
            return make ? chain.enter(path.parent()) : chain.find(path.parent());
        } catch (LayerException e) {
            DirectoryChain.@Nullable Obstacle obstacle = chain.obstacle(path.parent());
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
        Fd at = parent(path, true);
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
            opaque(path);
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
            mark(chain.enter(path));
            return;
        }
        Fd parent = path.isRoot() ? null : chain.find(path.parent());
        TreeCalls.@Nullable Status status = parent == null ? null : calls.status(parent, path.name());
        if (!path.isRoot() && (status == null || !status.isDirectory())) {
            return; // nothing, or no directory: an earlier layer's file or link has no content to hide
        }
        Fd directory = chain.find(path);
        if (directory != null) {
            removal.clear(directory, path, written::contains);
        }
    }
}
