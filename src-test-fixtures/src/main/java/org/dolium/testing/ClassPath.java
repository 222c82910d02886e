// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A copy of this JVM's class path for another JVM: it may lie in root's home, where nobody else can read it.
final class ClassPath {
    private ClassPath() {}

    /// Copies it and gives the other JVM's class path.
    ///
    /// @param directory where the copies go
    /// @param seen where the other JVM sees that directory
    static String copy(Path directory, Path seen) throws IOException {
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path source = Path.of(entry);
            if (Files.isReadable(source)) {
                String name = "cp" + copies.size() + (Files.isDirectory(source) ? "" : ".jar");
                copyTree(source, directory.resolve(name));
                copies.add(seen.resolve(name).toString());
            }
        }
        return String.join(File.pathSeparator, copies);
    }

    static void copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
                } else {
                    Files.copy(file, source.equals(file) ? target : copy, StandardCopyOption.REPLACE_EXISTING);
                    Files.setPosixFilePermissions(
                            source.equals(file) ? target : copy, PosixFilePermissions.fromString("rw-r--r--"));
                }
            }
        }
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
