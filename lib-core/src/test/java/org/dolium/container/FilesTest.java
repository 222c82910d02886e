// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.dolium.files.ContainerFiles;
import org.dolium.files.CopyReport;
import org.dolium.files.CopyRules;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Copies in and out, streams, owners and modes.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class FilesTest extends SecurityRows {
    private Container shell(Mode mode) throws Exception {
        return shell(mode, root).tmpfs("/scratch").start();
    }

    /// A shell that runs what it is told, line by line, in an overlay. With a user namespace its layers are id-mapped: of files of a
    /// user that is not mapped, overlayfs can make no copy in the upper layer.
    static ContainerBuilder shell(Mode mode, Path root) {
        ContainerBuilder builder = mode.apply(ContainerBuilder.create().rootfs(Rootfs.overlay(root)).command("sh"));
        IdMaps range = IdMaps.parse("0:100000:65536");
        return mode == Mode.RU ? builder.userNamespace(UserNamespace.isolated(range, range)) : builder;
    }

    static String ask(Container shell, String script) throws IOException {
        OutputStream in = shell.process().getOutputStream();
        in.write((script + "; echo END\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        StringBuilder out = new StringBuilder();
        for (String line = line(shell); !line.equals("END"); line = line(shell)) {
            out.append(line).append('\n');
        }
        return out.toString();
    }

    private static String line(Container shell) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = shell.process().getInputStream().read(); c != '\n'; c = shell.process().getInputStream().read()) {
            if (c < 0) {
                throw new IOException("the shell has ended after '" + line + "'");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void what_is_written_is_the_container_roots_and_is_read_again(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            ContainerFiles files = shell.files();
            for (String path : new String[] {"/etc/app/deep/app.conf", "/tmp/x", "/scratch/y", "/z"}) {
                files.write(path, "hello\n");
                assertThat(ask(shell, "cat " + path + "; stat -c '%u %g %a' " + path)).isEqualTo("hello\n0 0 644\n");
                assertThat(files.readString(path)).isEqualTo("hello\n");
            }
            assertThat(ask(shell, "stat -c '%u %g %a' /etc/app/deep")).isEqualTo("0 0 755\n");
            assertThat(files.exists("/etc/app/deep")).isTrue();
            assertThat(files.exists("/etc/app/other")).isFalse();
            assertThatThrownBy(() -> files.read("/none")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> files.read("none")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> files.read("/etc/app\0")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> files.read("/etc")).isInstanceOf(FileSystemException.class).hasMessageContaining("is a directory");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_file_that_is_there_is_emptied_and_stays_the_same_file(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            ask(shell, "echo long content > /tmp/f; chmod 600 /tmp/f; ln -s f /tmp/link; exec 5< /tmp/f");
            shell.files().write("/tmp/link", "short\n");
            assertThat(ask(shell, "cat <&5; stat -c %a /tmp/f; readlink /tmp/link")).isEqualTo("short\n600\nf\n");
            shell.files().write("/tmp/f", "mine".getBytes(StandardCharsets.UTF_8), CopyRules.standard().mode(0751));
            assertThat(ask(shell, "stat -c %a /tmp/f")).isEqualTo("751\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void streams_go_on_after_their_file_lost_its_name(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            ContainerFiles files = shell.files();
            byte[] content = new byte[300_000];
            new java.util.Random(1).nextBytes(content);
            assertThat(files.write("/tmp/big", new ByteArrayInputStream(content))).isEqualTo(content.length);
            try (InputStream in = files.inputStream("/tmp/big")) {
                ask(shell, "rm /tmp/big");
                assertThat(in.readAllBytes()).isEqualTo(content);
            }
            ask(shell, "head -c 2000 /dev/zero > /tmp/zeros");
            assertThatThrownBy(() -> files.read("/tmp/zeros", 1999)).hasMessageContaining("longer than 1999 bytes");
            assertThat(files.read("/tmp/zeros", 2000)).hasSize(2000);
        }
    }

    private Path tree() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree/a/b")).getParent().getParent();
        Files.writeString(tree.resolve("a/file"), "content");
        Files.setPosixFilePermissions(tree.resolve("a/file"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(tree.resolve("a/file"), FileTime.fromMillis(1_000_000_000_500L));
        Files.createSymbolicLink(tree.resolve("a/link"), Path.of("/nowhere"));
        Files.setPosixFilePermissions(tree.resolve("a/b"), PosixFilePermissions.fromString("rwx------"));
        return tree;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void trees_go_in_and_come_out_as_they_were(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            CopyReport in = shell.files().copyIn(tree(), "/data/tree");
            assertThat(in).isEqualTo(new CopyReport(1, 3, 1, 7, 0));
            assertThat(ask(shell, "cd /data/tree; find . | sort; stat -c '%u %g %a %Y' a/file; stat -c '%u %a' a/b; readlink a/link; cd /"))
                    .isEqualTo(".\n./a\n./a/b\n./a/file\n./a/link\n0 0 751 1000000000\n0 700\n/nowhere\n");
            Path out = directory.resolve("out");
            assertThat(shell.files().copyOut("/data/tree", out)).isEqualTo(in);
            assertThat(out.resolve("a/file")).hasContent("content");
            assertThat(Files.getLastModifiedTime(out.resolve("a/file"))).isEqualTo(FileTime.fromMillis(1_000_000_000_500L));
            assertThat(Files.readSymbolicLink(out.resolve("a/link"))).isEqualTo(Path.of("/nowhere"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out.resolve("a/b")))).isEqualTo("rwx------");
            long uid = ((Number) Files.getAttribute(out.resolve("a/link"), "unix:uid", LinkOption.NOFOLLOW_LINKS)).longValue();
            assertThat(uid).isEqualTo(ProcessStatus.self().effectiveUid());
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void nothing_is_replaced_unless_it_is_asked_for(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            ContainerFiles files = shell.files();
            Path tree = tree();
            files.copyIn(tree, "/data");
            assertThatThrownBy(() -> files.copyIn(tree, "/data")).isInstanceOf(FileAlreadyExistsException.class);
            Files.writeString(tree.resolve("a/file"), "newer");
            files.copyIn(tree, "/data", CopyRules.standard().replacing());
            assertThat(ask(shell, "cat /data/a/file; echo")).isEqualTo("newer\n");
            Path out = directory.resolve("out");
            files.copyOut("/data/a/file", out);
            assertThatThrownBy(() -> files.copyOut("/data/a/file", out)).isInstanceOf(FileAlreadyExistsException.class);
            files.copyOut("/etc/passwd", out, CopyRules.standard().replacing());
            assertThat(out).hasSameBinaryContentAs(root.resolve("etc/passwd"));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_copy_can_be_limited(Mode mode) throws Exception {
        try (Container shell = shell(mode)) {
            ask(shell, "mkdir /tmp/t; for i in 1 2 3; do head -c 1000 /dev/zero > /tmp/t/$i; done");
            CopyRules rules = CopyRules.standard();
            assertThatThrownBy(() -> shell.files().copyOut("/tmp/t", directory.resolve("o1"), rules.maxBytes(2999)))
                    .hasMessageContaining("more than 2999 bytes");
            assertThatThrownBy(() -> shell.files().copyOut("/tmp/t", directory.resolve("o2"), rules.maxEntries(3)))
                    .hasMessageContaining("more than 3 files");
            CopyReport report = shell.files().copyOut("/tmp/t", directory.resolve("o3"), rules.maxBytes(3000).maxEntries(4));
            assertThat(report).isEqualTo(new CopyReport(3, 1, 0, 3000, 0));
        }
    }

    /// Only root may give files away, and a container of one id has no other.
    @ParameterizedTest
    @MethodSource("modes")
    void owners_are_the_containers_numbers(Mode mode) throws Exception {
        if (mode == Mode.U1) {
            return;
        }
        try (Container shell = shell(mode)) {
            CopyRules rules = CopyRules.standard();
            shell.files().copyIn(tree(), "/data", rules.owner(1000, 50));
            assertThat(ask(shell, "stat -c '%u %g' /data /data/a/file /data/a/link")).isEqualTo("1000 50\n1000 50\n1000 50\n");
            Path kept = directory.resolve("kept");
            shell.files().copyOut("/data", kept, rules.keepingOwners());
            assertThat(Files.getAttribute(kept.resolve("a/file"), "unix:uid")).isEqualTo(1000);
            assertThat(Files.getAttribute(kept.resolve("a/file"), "unix:gid")).isEqualTo(50);
            shell.files().copyIn(kept, "/again", rules.keepingOwners());
            assertThat(ask(shell, "stat -c '%u %g' /again/a")).isEqualTo("1000 50\n");
            shell.files().copyOut("/data/a/file", directory.resolve("own"));
            assertThat(Files.getAttribute(directory.resolve("own"), "unix:uid")).isEqualTo(0);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void after_its_end_a_container_has_no_files(Mode mode) throws Exception {
        Container ended;
        try (Container shell = shell(mode)) {
            ended = shell;
            shell.kill(Signal.KILL);
            shell.waitFor();
            assertThatThrownBy(() -> ended.files().read("/etc/passwd")).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has ended");
        }
        assertThatThrownBy(() -> ended.files().write("/etc/passwd", "")).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_container_with_an_init_has_files_too(Mode mode) throws Exception {
        try (Container shell = shell(mode, root).init(true).start()) {
            shell.files().write("/tmp/x", "x\n");
            assertThat(ask(shell, "cat /tmp/x")).isEqualTo("x\n");
        }
    }

    /// Files of another user are made by a thread of its own, whose change of ids would take the JVM's dumps and attachments.
    @ParameterizedTest
    @MethodSource("modes")
    void the_jvm_stays_as_it_is(Mode mode) throws Exception {
        long before = Kernel.call(Sys.PRCTL, 3, 0, 0); // PR_GET_DUMPABLE
        String own = identity();
        try (Container shell = shell(mode)) {
            shell.files().copyIn(tree(), "/data");
        }
        assertThat(Kernel.call(Sys.PRCTL, 3, 0, 0)).isEqualTo(before);
        assertThat(identity()).isEqualTo(own);
    }

    private static String identity() {
        StringBuilder all = new StringBuilder();
        for (String field : new String[] {"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"}) {
            all.append(field).append(' ').append(ProcessStatus.self().fields().get(field)).append('\n');
        }
        return all.toString();
    }
}
