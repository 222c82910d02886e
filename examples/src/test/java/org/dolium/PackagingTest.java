// SPDX-License-Identifier: Apache-2.0
package org.dolium;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Row O-05 of the security matrix: nothing of Dolium has a set-user-ID bit or capabilities, and there is no native program.
class PackagingTest {
    private static final Path PROJECT = Path.of(System.getProperty("project.root", ".."));
    private static final int SET_ID = 06000;

    /// Files that run with other rights than those of who starts them, and programs in machine code.
    private static List<Path> privileged(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (((int) Files.getAttribute(file, "unix:mode") & SET_ID) != 0 || isElf(file)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static boolean isElf(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return List.of((byte) 0x7f, (byte) 'E', (byte) 'L', (byte) 'F').equals(bytes(in.readNBytes(4)));
        }
    }

    private static List<Byte> bytes(byte[] array) {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : array) {
            bytes.add(b);
        }
        return bytes;
    }

    @Test
    void O_05_nothing_of_the_project_is_privileged_or_a_native_program() throws IOException {
        for (String module : List.of("lib-namespaces", "lib-cgroups", "lib-core", "lib-doctor", "lib-oci", "examples", "src-test-fixtures")) {
            assertThat(privileged(PROJECT.resolve(module).resolve("src"))).isEmpty();
            assertThat(privileged(PROJECT.resolve(module).resolve("target/classes"))).isEmpty();
        }
    }

    @Test
    void O_05_control_such_files_would_be_found(@TempDir Path directory) throws IOException {
        Files.setAttribute(Files.createFile(directory.resolve("a")), "unix:mode", 04755);
        Files.write(directory.resolve("b"), new byte[] {0x7f, 'E', 'L', 'F', 2});
        Files.createFile(directory.resolve("c"));
        assertThat(privileged(directory)).hasSize(2);
    }
}
