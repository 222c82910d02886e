// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A temporary directory with a root file system of busybox, gone when closed.
record Workspace(Path directory, Path rootfs) implements AutoCloseable {
    private static final List<Path> BUSYBOX = List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));
    private static final int HEADERS_OFFSET = 32;
    private static final int HEADER_SIZE = 54;
    private static final int HEADER_COUNT = 56;
    private static final int PT_INTERP = 3;
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
            if (Files.isExecutable(path) && isStatic(path)) {
                return path;
            }
        }
        throw new IOException("the benchmarks need a static busybox: apt-get install busybox-static");
    }

    /// Whether a 64-bit ELF file needs no dynamic linker, which the root file system does not have.
    private static boolean isStatic(Path program) throws IOException {
        ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(program)).order(ByteOrder.LITTLE_ENDIAN);
        int headers = (int) elf.getLong(HEADERS_OFFSET);
        for (int i = 0; i < elf.getShort(HEADER_COUNT); i++) {
            if (elf.getInt(headers + i * elf.getShort(HEADER_SIZE)) == PT_INTERP) {
                return false;
            }
        }
        return true;
    }

    /// Deletes everything, also when the user ends the program.
    void closeAtExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                close();
            } catch (IOException | UncheckedIOException e) {
                System.err.println(directory + " could not be deleted: " + e);
            }
        }));
    }

    @Override
    public void close() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.forEach(paths::add);
        }
        for (Path path : paths.reversed()) {
            Files.deleteIfExists(path);
        }
    }
}
