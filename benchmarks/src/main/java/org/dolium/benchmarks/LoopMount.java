// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// A new ext4 file system in a file, in memory where there is room, mounted until it is closed.
record LoopMount(Path file, Path mount) implements AutoCloseable {
    private static final long SIZE = 6L << 30;
    private static final Path MEMORY = Path.of("/dev/shm");

    static LoopMount make(Path directory) throws IOException, InterruptedException {
        boolean memory = Files.isDirectory(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > SIZE;
        Path file = Files.createTempFile(memory ? MEMORY : directory, "dolium-benchmark-", ".ext4");
        Path mount = Files.createTempDirectory(directory, "mount-");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.allocate(1), SIZE - 1);
        }
        UnpackingImage.command("/sbin/mkfs.ext4", List.of("-q", file.toString()));
        UnpackingImage.command("/bin/mount", List.of("-o", "loop", file.toString(), mount.toString()));
        return new LoopMount(file, mount);
    }

    void sync() throws IOException, InterruptedException {
        UnpackingImage.command("/bin/sync", List.of("-f", mount.toString()));
    }

    @Override
    public void close() throws IOException {
        try {
            UnpackingImage.command("/bin/umount", List.of("-R", mount.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(mount);
        Files.delete(file);
    }
}
