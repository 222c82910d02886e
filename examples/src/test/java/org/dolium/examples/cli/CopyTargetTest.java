// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The rules of `docker cp` about what a copy is called.
class CopyTargetTest {
    @TempDir
    Path directory;

    @BeforeEach
    void make() throws IOException {
        Files.createDirectory(directory.resolve("dir"));
        Files.createFile(directory.resolve("file"));
    }

    private String target(String source, boolean isDirectory, String to) throws IOException {
        String called = CopyTarget.of(source, isDirectory, CopyTarget.here(directory + "/" + to), source);
        return directory.relativize(Path.of(called)).toString();
    }

    @ParameterizedTest
    @CsvSource({
        "/a/b,   false, new,  new", "/a/b,   false, file, file", "/a/b,   false, dir,  dir/b", "/a/b,   false, dir/, dir/b",
        "/a/b,   true,  new,  new", "/a/b,   true,  new/, new",  "/a/b,   true,  dir,  dir/b", "/a/b/.,  true, dir,  dir",
        "/a/b/., true,  new,  new", "/,      true,  dir,  dir",  ".,      true,  dir,  dir",   "../x,   true,  dir,  dir/x"
    })
    void copies_are_called_as_by_docker(String source, boolean isDirectory, String to, String called) throws IOException {
        assertThat(target(source, isDirectory, to)).isEqualTo(called);
    }

    @Test
    void what_cannot_be_is_refused() {
        assertThatThrownBy(() -> target("/a", false, "new/")).hasMessageStartingWith("no such directory: ");
        assertThatThrownBy(() -> target("/a", false, "none/new")).hasMessageStartingWith("no such directory: ");
        assertThatThrownBy(() -> target("/a", true, "file")).hasMessageStartingWith("cannot copy directory /a to ");
    }

    @Test
    void a_container_is_what_is_before_a_colon() {
        assertThat(CpCommand.colon("web:/a:b")).isEqualTo(3);
        assertThat(CpCommand.colon("/web:/a")).isEqualTo(-1);
        assertThat(CpCommand.colon("./web:a")).isEqualTo(-1);
        assertThat(CpCommand.colon("-")).isEqualTo(-1);
    }
}
