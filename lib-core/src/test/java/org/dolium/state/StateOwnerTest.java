// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// State directories that belong to other users, which only root can make.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class StateOwnerTest {
    @TempDir
    Path directory;

    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private Path path() {
        return directory.resolve("state");
    }

    private static void open(Path path) throws IOException {
        StateDirectory.open(path).close();
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void C_12_a_directory_of_another_user_is_refused() throws Exception {
        Files.createDirectory(path());
        mode(path(), "rwx------");
        Files.setAttribute(path(), "unix:uid", 12345);
        assertThatThrownBy(() -> open(path())).isInstanceOf(IOException.class).hasMessageContaining("belongs to uid 12345");
        Files.setAttribute(path(), "unix:uid", 0);
        open(path());
        Files.setAttribute(path().resolve("names"), "unix:uid", 12345);
        assertThatThrownBy(() -> open(path())).hasMessageContaining("belongs to uid 12345");
    }

    @Test
    void J_01_a_directory_that_another_user_could_exchange_is_refused() throws Exception {
        Path above = Files.createDirectory(directory.resolve("above"));
        Path state = above.resolve("state");
        mode(above, "rwxrwxrwx");
        assertThatThrownBy(() -> open(state)).hasMessageContaining("others could exchange the state directory");
        mode(above, "rwxrwxr-x");
        assertThatThrownBy(() -> open(state)).hasMessageContaining("others could exchange the state directory");
        Files.setAttribute(above, "unix:mode", 01777);
        open(state);
        Files.setAttribute(above, "unix:mode", 0755);
        Files.setAttribute(above, "unix:uid", 12345);
        assertThatThrownBy(() -> open(state)).hasMessageContaining("belongs to uid 12345");
        Files.setAttribute(above, "unix:uid", 0);
        open(state);
    }
}
