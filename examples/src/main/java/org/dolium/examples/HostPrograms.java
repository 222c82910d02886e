// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;

/// A root file system with the host's programs and nothing else of the host: no home directories, no /etc, no /var, no
/// /tmp. It is an empty directory with read-only binds; what a container writes elsewhere stays in memory and goes with it.
final class HostPrograms implements AutoCloseable {
    private static final List<String> PLACES = List.of("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/alternatives");

    private final Path empty;

    HostPrograms() throws IOException {
        empty = Files.createTempDirectory("empty-root-");
    }

    /// Makes it the root file system of a container.
    void rootOf(ContainerBuilder builder) throws IOException {
        builder.rootfs(Rootfs.overlay(empty)).tmpfs("/tmp");
        for (Path place : places()) {
            builder.bindReadOnly(place, place.toString());
        }
    }

    private static List<Path> places() throws IOException {
        List<Path> places = new ArrayList<>();
        for (String place : PLACES) {
            if (Files.isDirectory(Path.of(place))) {
                places.add(Path.of(place));
            }
        }
        Path jdk = Path.of(System.getProperty("java.home")).toRealPath();
        if (!jdk.startsWith("/usr")) {
            places.add(jdk);
        }
        // Debian's own JDKs keep their configuration here
        try (DirectoryStream<Path> configurations = Files.newDirectoryStream(Path.of("/etc"), "java-*")) {
            configurations.forEach(places::add);
        }
        return places;
    }

    /// Deletes the empty directory; its containers have ended.
    @Override
    public void close() throws IOException {
        Files.delete(empty);
    }
}
