// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.oci.image.Digest;
import org.dolium.oci.unpack.LayerEntry.Extent;
import org.jspecify.annotations.Nullable;

/// Writes the entries of one layer into a directory. A later entry of a name replaces an earlier one; directories get their
/// attributes when all is in them.
final class TreeWriter implements AutoCloseable, DirectoryChain.Notes, Removals.Notes {
    private final TreeCalls calls;
    private final LayerPolicy policy;
    private final UnpackReport.Counter report = new UnpackReport.Counter();
    private final Attributes attributes;
    private final TreeRemoval removal;
    private final DirectoryChain chain;
    private final DirectoryChain targets;
    private final Removals removals;
    private final Budget budget;
    private final TreeMap<LayerPath, Attribution> directories = new TreeMap<>();
    private final byte[] buffer = new byte[1 << 17];

    /// What a directory gets at the end.
    ///
    /// @param metadata what its layer says, or null
    /// @param before else what it was before something was changed in it
    private record Attribution(@Nullable Metadata metadata, TreeCalls.@Nullable Status before) {}

    TreeWriter(TreeCalls calls, Fd root, LayerLimits limits, LayerPolicy policy) throws IOException {
        this.calls = calls;
        this.policy = policy;
        attributes = new Attributes(calls, policy, report);
        removal = new TreeRemoval(calls);
        chain = new DirectoryChain(calls, root, this);
        targets = new DirectoryChain(calls, root, this);
        budget = new Budget(limits);
        removals = new Removals(calls, policy.removals(), removal, chain, budget, this);
        if (isApplied()) {
            TreeCalls.@Nullable Status status = calls.status(root, new byte[0]);
            if (status != null) {
                directories.put(LayerPath.ROOT, new Attribution(null, status));
                unlock(root, status);
            }
        }
    }

    private void unlock(Fd directory, TreeCalls.Status status) throws IOException {
        if ((status.mode() & 0700) != 0700) {
            calls.mode(directory, status.mode() & 07777 | 0700);
        }
    }

    private boolean isApplied() {
        return policy.removals() == LayerPolicy.Removals.APPLIED;
    }

    @Override
    public void made(LayerPath path) throws LayerException {
        budget.implied();
        budget.keep(path, Metadata.IMPLIED);
        directories.put(path, new Attribution(Metadata.IMPLIED, null));
        removals.written(path);
    }

    /// A directory of an earlier layer stays as it is but for what is in it, and its owner may have no right to change that.
    @Override
    public void entering(Fd at, LayerPath path) throws IOException {
        if (!isApplied() || directories.containsKey(path)) {
            return;
        }
        TreeCalls.@Nullable Status status = calls.status(at, path.name());
        if (status == null || !status.isDirectory()) {
            return;
        }
        budget.keep(path, Metadata.IMPLIED);
        directories.put(path, new Attribution(null, status));
        if ((status.mode() & 0700) != 0700) {
            calls.directoryMode(at, path.name(), status.mode() & 07777 | 0700);
        }
    }

    /// What of it this layer has something in is its own, and not as it was before.
    @Override
    public void removed(LayerPath path, boolean itself) throws IOException {
        List<LayerPath> below = new ArrayList<>((path.isRoot()
                ? directories.tailMap(path, false)
                : directories.subMap(path.bound('/'), path.bound('0'))).keySet());
        for (LayerPath directory : below) {
            renew(directory);
        }
        if (itself) {
            renew(path);
        }
    }

    private void renew(LayerPath path) throws IOException {
        Attribution known = directories.get(path);
        if (known == null || known.metadata() != null) {
            return;
        }
        if (!removals.isWritten(path)) {
            directories.remove(path);
            return;
        }
        directories.put(path, new Attribution(Metadata.IMPLIED, null));
        calls.clearXattrs(chain.enter(path));
    }

    /// Makes one call, a second time after what has the name was removed.
    private interface Making {
        long call(Fd at, byte[] name);
    }

    /// @param layer for errors
    void write(LayerEntry entry, LayerReader reader, Digest layer) throws IOException {
        report.entry();
        try {
            write(entry, reader);
        } catch (IOException e) {
            throw placed(e, entry.path(), layer);
        }
    }

    /// The same with where it was; a problem of the archive says so itself.
    private static IOException placed(IOException e, LayerPath path, Digest layer) {
        String place = "layer " + layer;
        String message = place + ", " + path + ": " + e.getMessage();
        if (e instanceof ErrnoException failure) {
            return new UnpackException(message, failure);
        }
        return e instanceof LayerException && !e.getMessage().startsWith(place) ? new LayerException(message, e) : e;
    }

    private void write(LayerEntry entry, LayerReader reader) throws IOException {
        switch (entry) {
            case LayerEntry.File file -> file(file, reader);
            case LayerEntry.Directory directory -> directory(directory);
            case LayerEntry.SymbolicLink link -> {
                Fd at = chain.enter(link.path().parent());
                make(at, link.path(), "symlinkat", (in, name) -> calls.trySymbolicLink(in, name, link.target()));
                attributes.applyToLink(at, link.path().name(), link.metadata());
            }
            case LayerEntry.HardLink link -> hardLink(link);
            case LayerEntry.Device device -> device(device);
            case LayerEntry.Fifo fifo -> node(fifo.path(), fifo.metadata(), TreeCalls.FIFO, 0, 0);
            case LayerEntry.Whiteout whiteout -> {
                targets.close();
                removals.whiteout(whiteout.path());
            }
            case LayerEntry.OpaqueMarker marker -> {
                targets.close();
                removals.opaque(marker.path());
            }
        }
    }

    private long make(Fd at, LayerPath path, String text, Making making) throws IOException {
        byte[] name = path.name();
        long made = making.call(at, name);
        if (DirectoryChain.failed(made, Errno.EEXIST)) {
            replace(at, path);
            made = making.call(at, name);
        }
        removals.written(path);
        return TreeCalls.check(made, text, name);
    }

    private void replace(Fd at, LayerPath path) throws IOException {
        chain.forget(path);
        targets.forget(path);
        directories.remove(path);
        directories.subMap(path.bound('/'), path.bound('0')).clear();
        removals.replaced(path);
        removal.remove(at, path.name());
    }

    private void file(LayerEntry.File entry, LayerReader reader) throws IOException {
        Fd at = chain.enter(entry.path().parent());
        try (Fd file = new Fd((int) make(at, entry.path(), "openat", calls::tryCreate))) {
            long end = 0;
            for (Extent extent : entry.extents()) {
                for (long done = 0; done < extent.length(); ) {
                    int read = reader.read(buffer, 0, (int) Math.min(buffer.length, extent.length() - done));
                    calls.write(file, buffer, read, extent.offset() + done);
                    done += read;
                }
                end = extent.offset() + extent.length();
            }
            if (end < entry.size()) {
                calls.truncate(file, entry.size());
            }
            attributes.apply(file, entry.metadata());
        }
        report.file(entry.size());
    }

    private void directory(LayerEntry.Directory entry) throws IOException {
        LayerPath path = entry.path();
        if (!path.isRoot()) {
            Fd at = chain.enter(path.parent());
            TreeCalls.@Nullable Status status = calls.status(at, path.name());
            if (status == null || !status.isDirectory()) {
                make(at, path, "mkdirat", calls::tryMakeDirectory);
            } else if (isApplied()) {
                calls.clearXattrs(chain.enter(path)); // an earlier layer's
            }
            removals.written(path);
        }
        budget.keep(path, entry.metadata());
        directories.put(path, new Attribution(entry.metadata(), null));
    }

    private void hardLink(LayerEntry.HardLink link) throws IOException {
        if (link.path().equals(link.target())) {
            throw new LayerException("it is a hard link of itself");
        }
        if (link.target().isBelow(link.path())) {
            throw new LayerException("it is a hard link of " + link.target() + ", which is in what it replaces");
        }
        Fd at = chain.enter(link.path().parent());
        byte[] target = link.target().name();
        Fd from = targets.find(link.target().parent());
        TreeCalls.@Nullable Status status = from == null ? null : calls.status(from, target);
        if (from == null || status == null) {
            throw new LayerException("it is a hard link of " + link.target() + ", which is not there");
        }
        if (!status.isRegular()) {
            throw new LayerException("it is a hard link of " + link.target() + ", which is no regular file");
        }
        Fd source = from;
        make(at, link.path(), "linkat", (in, name) -> calls.tryLink(source, target, in, name));
    }

    private void device(LayerEntry.Device device) throws IOException {
        if (device.major() == 0 && device.minor() == 0) {
            throw new LayerException("it is the device 0:0, which overlayfs takes for a removal");
        }
        if (!policy.devices()) {
            report.device();
            return;
        }
        int type = device.block() ? TreeCalls.BLOCK : TreeCalls.CHARACTER;
        node(device.path(), device.metadata(), type, device.major(), device.minor());
    }

    private void node(LayerPath path, Metadata metadata, int type, int major, int minor) throws IOException {
        Fd at = chain.enter(path.parent());
        make(at, path, "mknodat", (in, name) -> calls.tryNode(in, name, type | 0600, major, minor));
        attributes.applyToNode(at, path.name(), metadata);
    }

    /// Gives the directories their attributes, the innermost first.
    ///
    /// @param layer for errors
    UnpackReport finish(Digest layer) throws IOException {
        targets.close();
        removals.finish((path, mark) -> {
            try {
                mark.make();
            } catch (IOException e) {
                throw placed(e, path, layer);
            }
        });
        for (Map.Entry<LayerPath, Attribution> directory : List.copyOf(directories.descendingMap().entrySet())) {
            try {
                finish(chain.enter(directory.getKey()), directory.getValue());
            } catch (IOException e) {
                throw placed(e, directory.getKey(), layer);
            }
        }
        chain.close();
        return report.report(implied());
    }

    /// The innermost first: one that may not be entered does not hide another.
    private ImpliedDirectories implied() {
        if (isApplied()) {
            return ImpliedDirectories.NONE; // what is missing there was missing in all layers
        }
        List<LayerPath> paths = new ArrayList<>();
        for (Map.Entry<LayerPath, Attribution> directory : directories.descendingMap().entrySet()) {
            if (directory.getValue().metadata() == Metadata.IMPLIED && !removals.isRenewed(directory.getKey())) {
                paths.add(directory.getKey());
            }
        }
        if (!directories.containsKey(LayerPath.ROOT)) {
            paths.add(LayerPath.ROOT);
        }
        return new ImpliedDirectories(paths);
    }

    private void finish(Fd directory, Attribution attribution) throws IOException {
        TreeCalls.@Nullable Status before = attribution.before();
        if (attribution.metadata() != null) {
            attributes.apply(directory, attribution.metadata());
        } else if (before != null) {
            calls.mode(directory, before.mode() & 07777);
            calls.time(directory, new byte[0], before.seconds(), before.nanos());
        }
    }

    @Override
    public void close() {
        chain.close();
        targets.close();
    }
}
