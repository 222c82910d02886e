// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.dolium.linux.ErrnoException;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.unpack.LayerUnpack;
import org.jspecify.annotations.Nullable;

/// Removes what no name leads to, nobody was promised and nobody uses. What is to go is decided while nobody else changes the store;
/// it gets a name that nobody looks for, and is removed file by file when the others go on.
final class Collector {
    private final StoreFiles files;
    private final List<Rubbish> rubbish = new ArrayList<>();
    private final List<String> aside = new ArrayList<>();
    private int blobs;
    private int layers;
    private int leftovers;
    private long bytes;
    private int inUse;

    private Collector(StoreFiles files) {
        this.files = files;
    }

    /// A directory to remove, which is locked as long as that takes.
    private record Rubbish(String name, OpenDirectory directory) {}

    /// @param alsoUnnamed whether images without a name go first
    /// @param kept the digests of those that do not
    static Collected collect(StoreFiles files, boolean alsoUnnamed, Set<Digest> kept) throws IOException {
        Collector collector = new Collector(files);
        try {
            collector.decide(alsoUnnamed, kept);
            collector.remove();
        } finally {
            collector.close();
        }
        return new Collected(collector.blobs, collector.layers, collector.leftovers, collector.bytes, collector.inUse);
    }

    /// Removes only what killed processes left.
    static void reclaim(StoreFiles files) throws IOException {
        if (files.work().names().isEmpty()) {
            return;
        }
        Collector collector = new Collector(files);
        try {
            collector.decideOnLeftovers();
            collector.remove();
        } finally {
            collector.close();
        }
    }

    private void close() {
        for (Rubbish one : rubbish) {
            one.directory().close();
        }
    }

    private void decideOnLeftovers() throws IOException {
        OpenFile lock = files.lock(true);
        try {
            leftovers();
        } finally {
            lock.close();
        }
    }

    private void leftovers() throws IOException {
        for (String name : files.work().names()) {
            leftover(name);
        }
    }

    private void decide(boolean alsoUnnamed, Set<Digest> kept) throws IOException {
        OpenFile lock = files.lock(true);
        try {
            StoreIndex index = files.index();
            if (alsoUnnamed && !index.onlyNamed(kept).equals(index)) {
                index = index.onlyNamed(kept);
                index.write(files);
            }
            ImageWalk needed = needed(files, index);
            leftovers();
            for (String algorithm : algorithms(files, StoreFiles.BLOBS)) {
                sweepBlobs(algorithm, needed);
            }
            for (String algorithm : algorithms(files, StoreFiles.LAYERS)) {
                sweepLayers(algorithm, needed);
            }
        } finally {
            lock.close();
        }
    }

    /// What names lead to, and what was promised. The store's lock is held.
    static ImageWalk needed(StoreFiles files, StoreIndex index) throws IOException {
        ImageWalk needed = new ImageWalk(files);
        for (Descriptor root : index.roots()) {
            try {
                needed.add(root);
            } catch (WrongContentException e) {
                throw new WrongContentException("nobody knows what the image " + root.digest() + " needs: " + e.getMessage()
                        + "; remove what is damaged (ImageStore.removeDamaged) and pull it again", e);
            }
        }
        Promises.addTo(needed, files);
        return needed;
    }

    /// The algorithms that there are digests of.
    static List<String> algorithms(StoreFiles files, String kind) throws IOException {
        List<String> known = new ArrayList<>();
        for (String algorithm : new String[] {"sha256", "sha512"}) {
            if (files.directory(kind, algorithm) != null) {
                known.add(algorithm);
            }
        }
        return known;
    }

    /// A file or directory in work that nobody has locked.
    private void leftover(String name) throws IOException {
        FileStatus status = files.work().status(name);
        if (status != null && status.isDirectory()) {
            OpenDirectory directory = files.work().tryDirectory(name);
            if (directory == null) {
                return; // its owner was faster
            }
            if (!taken(name, directory)) {
                directory.close();
            } else {
                leftovers++;
            }
        } else if (status != null && isFree(name, status)) {
            files.work().remove(name);
            leftovers++;
            bytes += status.allocated();
        }
    }

    private boolean taken(String name, OpenDirectory directory) throws IOException {
        if (!directory.tryLock(true)) {
            return false;
        }
        rubbish.add(new Rubbish(name, directory));
        return true;
    }

    private boolean isFree(String name, FileStatus status) throws IOException {
        if (!status.isRegular()) {
            return true; // nothing that was made here
        }
        OpenFile file = files.work().tryFile(name);
        if (file == null) {
            return false;
        }
        try {
            return file.tryLock(true);
        } finally {
            file.close();
        }
    }

    private void sweepBlobs(String algorithm, ImageWalk needed) throws IOException {
        OpenDirectory directory = files.madeDirectory(StoreFiles.BLOBS, algorithm);
        for (String name : directory.names()) {
            Digest digest = digest(algorithm, name);
            if (digest == null || needed.blobs().contains(digest)) {
                continue; // what is no blob is somebody else's
            }
            FileStatus status = directory.status(name);
            if (status != null && !status.isDirectory()) {
                setAside(directory, name);
                blobs++;
                bytes += status.links() == 1 ? status.allocated() : 0;
            }
        }
    }

    /// To remove a large file takes a while, in which others need not wait. A full disk may have no place for another name.
    private void setAside(OpenDirectory directory, String name) throws IOException {
        String newName = Work.TRASH + UUID.randomUUID();
        try {
            directory.rename(name, files.work(), newName);
            aside.add(newName);
        } catch (ErrnoException e) {
            directory.remove(name);
        }
    }

    private void sweepLayers(String algorithm, ImageWalk needed) throws IOException {
        OpenDirectory all = files.madeDirectory(StoreFiles.LAYERS, algorithm);
        boolean some = false;
        for (String name : all.names()) {
            Digest chainId = digest(algorithm, name);
            if (chainId == null || needed.layers().contains(chainId)) {
                continue;
            }
            OpenDirectory directory = all.directory(name);
            String newName = Work.TRASH + UUID.randomUUID();
            if (!taken(newName, directory)) {
                directory.close();
                inUse++;
                continue;
            }
            all.rename(name, files.work(), newName);
            layers++;
            some = true;
        }
        if (some) { // a layer that is half removed never has its name again, also after a loss of power
            all.sync();
            files.work().sync();
        }
    }

    static @Nullable Digest digest(String algorithm, String name) {
        try {
            return new Digest(algorithm, name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void remove() throws IOException {
        for (String name : aside) {
            files.work().remove(name);
        }
        for (Rubbish one : rubbish) {
            bytes += Measure.tree(files.work(), one.name());
            LayerUnpack.remove(files.path().resolve(StoreFiles.WORK).resolve(one.name()));
        }
    }
}
