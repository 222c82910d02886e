// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Row I-05 of the security matrix: what the root file system brings in place of /etc/passwd and /etc/group.
@Tag("kernel")
@Timeout(60)
@ExtendWith(LeakCheck.class)
class UserFileSecurityTest extends SecurityRows {
    private static final String ENTRY = "alice:x:1000:1000::/:/bin/sh\n";

    private Path passwd;

    @BeforeEach
    void remove() throws IOException {
        passwd = root.resolve("etc/passwd");
        Files.deleteIfExists(passwd);
    }

    private ContainerBuilder alice() {
        return tiny(modes().get(0), "id -u").user("alice");
    }

    private void refused(String reason) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> alice().run(LIMIT)).as(reason)
                .isInstanceOfAny(IOException.class, IllegalArgumentException.class).hasMessageContaining(reason);
        assertThat(System.nanoTime() - start).isLessThan(Slow.seconds(10).toNanos());
    }

    @Test
    void I_05_a_link_that_leads_out_finds_nothing_of_the_host() throws Exception {
        Path outside = Files.writeString(directory.resolve("passwd"), ENTRY);
        for (String target : new String[] {outside.toString(), "../../../../../../.." + outside, "/proc/self/fd/0", "/dev/zero"}) {
            Files.createSymbolicLink(passwd, Path.of(target));
            refused("unknown user 'alice'");
            Files.delete(passwd);
        }
    }

    @Test
    void I_05_what_is_no_file_is_refused_at_once() throws Exception {
        Files.createDirectory(passwd);
        refused("is no regular file");
        Files.delete(passwd);
        assertThat(new ProcessBuilder("mkfifo", passwd.toString()).start().waitFor()).isZero();
        refused("is no regular file");
    }

    @Test
    void I_05_what_is_too_large_is_refused_at_once() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(passwd.toFile(), "rw")) {
            file.setLength(1L << 30);
        }
        refused("larger than 10 MiB");
    }

    @Test
    void I_05_links_that_never_end_are_refused() throws Exception {
        Files.createSymbolicLink(passwd, Path.of("passwd"));
        refused("ELOOP");
    }

    @Test
    void I_05_links_inside_are_followed_inside() throws Exception {
        Files.writeString(root.resolve("mnt/users"), ENTRY);
        Files.createSymbolicLink(root.resolve("mnt/link"), Path.of("/mnt/users"));
        Files.createSymbolicLink(passwd, Path.of("/mnt/../mnt/link"));
        assertThat(output(alice())).isEqualTo("1000\n");
    }

    /// What reading the path would give.
    @Test
    void I_05_without_the_control_a_file_of_the_host_is_read() throws Exception {
        Files.createSymbolicLink(passwd, canary.directory().resolve("file"));
        assertThat(Files.readString(passwd)).contains(Canary.SECRET);
        refused("unknown user 'alice'");
    }
}
