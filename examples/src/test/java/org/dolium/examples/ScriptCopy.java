// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A copy of the `dolium` script with what was built, in a place where everybody may read: the project itself may lie in a
/// home directory. It has no sources, so that the script never builds in the middle of a build.
final class ScriptCopy {
    private ScriptCopy() {}

    static Path make() throws IOException {
        Path home = Files.createTempDirectory("script-");
        Path target = Files.createDirectories(home.resolve("examples/target"));
        Files.copy(Packaged.PROJECT.resolve("dolium"), home.resolve("dolium"));
        Files.copy(Packaged.JAR, target.resolve(Packaged.JAR.getFileName()));
        Path libraries = Files.createDirectory(target.resolve("lib"));
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(Packaged.LIBRARIES)) {
            for (Path jar : jars) {
                Files.copy(jar, libraries.resolve(jar.getFileName()));
            }
        }
        Files.createFile(target.resolve("dolium.built"));
        for (Path file : all(home)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            permissions.add(PosixFilePermission.OTHERS_READ);
            if (Files.isDirectory(file) || file.endsWith("dolium")) {
                permissions.add(PosixFilePermission.OTHERS_EXECUTE);
            }
            Files.setPosixFilePermissions(file, permissions);
        }
        return home;
    }

    static void delete(Path home) throws IOException {
        for (Path file : all(home)) {
            Files.delete(file);
        }
    }

    private static List<Path> all(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            return files.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
