// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// A file that gets its name when it is whole and on the disk, in place of what has the name; or never.
final class NewFile implements Closeable {
    private final Path target;
    private final Path part;
    private final FileChannel channel;

    NewFile(Path file) throws IOException {
        target = file.toAbsolutePath();
        part = target.resolveSibling(".dolium-" + UUID.randomUUID());
        channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    OutputStream output() {
        return Channels.newOutputStream(channel);
    }

    void show() throws IOException {
        channel.force(true);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        LayoutSink.sync(target.getParent());
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(part);
    }

    @Override
    public String toString() {
        return "'" + target + "'";
    }
}
