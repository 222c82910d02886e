// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.dolium.kernel.Fd;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// Reads a file of layers as overlayfs shows it, without mounting anything: a layer's file hides those of the layers below it,
/// removals count, and links are followed from layer to layer, never out of them.
public final class LayeredFile {
    private static final int MOST_LINKS = 40;
    private static final int MOST_STEPS = 1000;

    private final LayerCalls calls;
    private final String wanted;
    private final Merged root;
    private final Deque<Merged> directories = new ArrayDeque<>();
    private final Deque<String> names = new ArrayDeque<>();
    private int links;

    /// A directory as it is seen: a path without links, and the layers that have something in it, topmost first.
    record Merged(String path, List<Path> layers) {
        String child(String name) {
            return path.isEmpty() ? name : path + "/" + name;
        }
    }

    private LayeredFile(LayerCalls calls, List<Path> layers, String wanted) {
        this.calls = calls;
        this.wanted = wanted;
        this.root = new Merged("", layers);
    }

    /// The content of `path`, or nothing if there is no such file.
    ///
    /// @param layers the topmost first
    /// @throws IOException if it is no regular file, is larger than 10 MiB, or can't be read
    public static Optional<byte[]> read(List<Path> layers, String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return new LayeredFile(new LayerCalls(arena), layers, path).read();
        }
    }

    private Optional<byte[]> read() throws IOException {
        directories.push(root);
        follow(wanted);
        for (int step = 0; !names.isEmpty(); step++) {
            if (step == MOST_STEPS) {
                throw new IOException("'" + Quoting.printable(wanted) + "' in the layers of the root file system is too far away");
            }
            String name = names.pop();
            boolean last = names.isEmpty();
            if (name.equals("..")) {
                leave();
                continue;
            }
            LayerCalls.@Nullable Found found = calls.find(directory(), name);
            if (found == null) {
                return Optional.empty();
            }
            if (found.link() != null) {
                if (++links > MOST_LINKS) {
                    throw new IOException("'" + Quoting.printable(wanted) + "' in the layers of the root file system has too many links: ELOOP");
                }
                follow(found.link());
            } else if (found.directory() != null) {
                directories.push(found.directory());
            } else {
                return last ? Optional.of(content(found, name)) : Optional.empty();
            }
        }
        throw notRegular();
    }

    private Merged directory() {
        return directories.isEmpty() ? root : directories.peek();
    }

    private void leave() {
        if (directories.size() > 1) {
            directories.pop();
        }
    }

    /// Puts the parts of a path before what is still to be gone.
    private void follow(String path) {
        if (path.startsWith("/")) {
            directories.clear();
            directories.push(root);
        }
        int end = path.length();
        while (end >= 0) {
            int slash = path.lastIndexOf('/', end - 1);
            String name = end == 0 ? "" : path.substring(slash + 1, end);
            if (!name.isEmpty() && !name.equals(".")) {
                names.push(name);
            }
            end = slash;
        }
    }

    private byte[] content(LayerCalls.Found found, String name) throws IOException {
        if (!found.regular()) {
            throw notRegular();
        }
        try (Fd file = calls.open(found.layer(), directory().child(name))) {
            RootFile.checkRegular(calls.arena(), file, found.layer(), wanted);
            return RootFile.content(calls.arena(), file, wanted);
        }
    }

    private IOException notRegular() {
        return new IOException("'" + Quoting.printable(wanted) + "' in the layers of the root file system is no regular file");
    }
}
