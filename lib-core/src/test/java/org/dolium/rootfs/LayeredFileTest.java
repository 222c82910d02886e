// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A file of layers is read as overlayfs shows it.
@Timeout(60)
class LayeredFileTest {
    @TempDir
    Path directory;

    private Path top;
    private Path middle;
    private Path base;

    @BeforeEach
    void make() throws IOException {
        top = Files.createDirectory(directory.resolve("top"));
        middle = Files.createDirectory(directory.resolve("middle"));
        base = Files.createDirectory(directory.resolve("base"));
    }

    private Optional<String> read(String path) throws IOException {
        return LayeredFile.read(List.of(top, middle, base), path).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private static void write(Path layer, String path, String content) throws IOException {
        Files.createDirectories(layer.resolve(path).getParent());
        Files.writeString(layer.resolve(path), content);
    }

    private static void link(Path layer, String path, String target) throws IOException {
        Files.createDirectories(layer.resolve(path).getParent());
        Files.createSymbolicLink(layer.resolve(path), Path.of(target));
    }

    @Test
    void the_topmost_layer_that_has_it_counts() throws Exception {
        write(base, "etc/passwd", "base");
        assertThat(read("/etc/passwd")).contains("base");
        write(middle, "etc/passwd", "middle");
        write(top, "etc/group", "");
        assertThat(read("/etc/passwd")).contains("middle");
        assertThat(read("/etc/shadow")).isEmpty();
        assertThat(read("/etc/passwd/x")).isEmpty();
    }

    @Test
    void links_lead_from_layer_to_layer() throws Exception {
        write(base, "usr/share/users", "base");
        link(middle, "etc", "/usr/etc");
        link(top, "usr/etc/passwd", "../../../../run/./current/users");
        link(middle, "run/current", "/usr/share");
        assertThat(read("/etc/passwd")).contains("base");
        write(top, "usr/share/users", "top");
        assertThat(read("//etc/./passwd")).contains("top");
    }

    @Test
    void I_05_links_never_lead_out_of_the_layers() throws Exception {
        Path outside = Files.writeString(directory.resolve("passwd"), "secret");
        for (String target : List.of(outside.toString(), "../../../../../../.." + outside, "/proc/self/fd/0")) {
            link(top, "etc/passwd", target);
            assertThat(read("/etc/passwd")).isEmpty();
            Files.delete(top.resolve("etc/passwd"));
        }
        link(middle, "etc2", directory.toString());
        assertThat(read("/etc2/passwd")).isEmpty();
        link(top, "loop/a", "b");
        link(base, "loop/b", "a");
        assertThatThrownBy(() -> read("/loop/a")).isInstanceOf(IOException.class).hasMessageContaining("ELOOP");
        link(top, "far", "a/../".repeat(700) + "x");
        Files.createDirectory(base.resolve("a"));
        assertThatThrownBy(() -> read("/far")).isInstanceOf(IOException.class).hasMessageContaining("too far");
    }

    @Test
    void what_is_no_file_hides_those_below_and_is_refused() throws Exception {
        write(base, "etc/passwd", "base");
        Files.createDirectories(top.resolve("etc/passwd"));
        assertThatThrownBy(() -> read("/etc/passwd")).hasMessageContaining("is no regular file");
        Files.delete(top.resolve("etc/passwd"));
        assertThat(new ProcessBuilder("mkfifo", top.resolve("etc/passwd").toString()).start().waitFor()).isZero();
        assertThatThrownBy(() -> read("/etc/passwd")).hasMessageContaining("is no regular file");
        Files.delete(top.resolve("etc/passwd"));
        Files.delete(top.resolve("etc"));
        Files.writeString(middle.resolve("etc"), "");
        assertThat(read("/etc/passwd")).isEmpty();
        Files.createDirectory(top.resolve("etc"));
        assertThat(read("/etc/passwd")).as("the file between hides the directory below").isEmpty();
    }

    private void removal(Path path) throws Exception {
        Files.createDirectories(path.getParent());
        assertThat(new ProcessBuilder("mknod", path.toString(), "c", "0", "0").start().waitFor()).isZero();
    }

    private void opaque(Path path, String namespace) throws Exception {
        Files.createDirectories(path);
        String program = "import os,sys; os.setxattr(sys.argv[1], sys.argv[2], b'y')";
        assertThat(new ProcessBuilder(MustRun.program("python3"), "-c", program, path.toString(), namespace + ".overlay.opaque")
                .inheritIO().start().waitFor()).isZero();
    }

    /// Overlayfs itself says what is right.
    private Optional<String> mounted(String options) throws Exception {
        Path mount = Files.createDirectories(directory.resolve("mount"));
        Process process = new ProcessBuilder(MustRun.program("unshare"), "--mount", "sh", "-c",
                "mount -t overlay none -o ro,lowerdir=" + top + ":" + middle + ":" + base + options + " " + mount
                        + " && chroot " + mount + " /bin/cat /etc/passwd")
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    }

    private void same(String options) throws Exception {
        assertThat(read("/etc/passwd")).isEqualTo(mounted(options));
    }

    @Test
    @Tag("root")
    @Tag("kernel")
    void removals_count_as_overlayfs_says() throws Exception {
        MustRun.root();
        org.dolium.testing.TinyRoot.make(base);
        assertThat(mounted("")).isPresent();
        same("");
        removal(middle.resolve("etc/passwd"));
        assertThat(mounted("")).isEmpty();
        same("");
        write(top, "etc/passwd", "again");
        same("");
        Files.delete(top.resolve("etc/passwd"));
        Files.delete(middle.resolve("etc/passwd"));
        opaque(middle.resolve("etc"), "trusted");
        assertThat(mounted("")).isEmpty();
        same("");
        link(top, "etc/passwd", "/mnt/x");
        write(base, "mnt/x", "linked");
        assertThat(mounted("")).contains("linked");
        same("");
        removal(middle.resolve("mnt"));
        assertThat(mounted("")).isEmpty();
        same("");
    }

    @Test
    @Tag("root")
    @Tag("kernel")
    void removals_of_plain_users_count_too() throws Exception {
        MustRun.root();
        org.dolium.testing.TinyRoot.make(base);
        opaque(top.resolve("etc"), "user");
        assertThat(mounted(",userxattr")).isEmpty();
        same(",userxattr");
    }
}
