// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A temporary directory with a root file system of busybox, gone when closed.
record Workspace(Path directory, Path rootfs) implements AutoCloseable {
    private static final List<Path> BUSYBOX = List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));
    private static final List<String> MOUNT_POINTS = List.of("proc", "sys", "dev", "tmp", "run", "etc");

    static Workspace create() throws IOException {
        Path directory = Files.createTempDirectory("dolium-benchmarks-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path rootfs = Files.createDirectory(directory.resolve("rootfs"));
        Path bin = Files.createDirectory(rootfs.resolve("bin"));
        Files.copy(busybox(), bin.resolve("busybox"));
        for (String applet : List.of("true", "sleep", "sh")) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        for (String name : MOUNT_POINTS) {
            Files.createDirectory(rootfs.resolve(name));
        }
        return new Workspace(directory, rootfs);
    }

    private static Path busybox() throws IOException {
        for (Path path : BUSYBOX) {
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        throw new IOException("the benchmarks need a static busybox: apt-get install busybox-static");
    }

    @Override
    public void close() throws IOException {
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.forEach(paths::add);
        }
        for (Path path : paths.reversed()) {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(path);
            }
        }
    }
}
