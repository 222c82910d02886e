// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.dolium.files.ContainerFiles;
import org.dolium.files.CopyReport;
import org.dolium.files.CopyRules;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Racer;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows V of the security matrix: files of a running container that is hostile.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class FilesSecurityTest extends SecurityRows {
    private static final int LEAST_FLIPS = 1000;
    private static final CopyRules REPLACING = CopyRules.standard().replacing();

    private Container idle(Mode mode) throws Exception {
        return tiny(mode, "sleep 1000").start();
    }

    private static Path open(Path place) throws Exception {
        return Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    /// A directory of the root in which `x` is a directory or a link to the host, at any time.
    private Path exchanged(Path outside) throws Exception {
        Path tree = open(Files.createDirectory(root.resolve("tree")));
        open(Files.createDirectory(tree.resolve("x")));
        Files.writeString(tree.resolve("x/file"), "mine");
        Files.createSymbolicLink(tree.resolve("evil"), outside);
        return tree;
    }

    private static String contents(Path tree) throws IOException {
        StringBuilder all = new StringBuilder();
        if (Files.isRegularFile(tree, LinkOption.NOFOLLOW_LINKS)) {
            return Files.readString(tree, StandardCharsets.ISO_8859_1);
        }
        if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(tree)) {
                for (Path entry : entries) {
                    all.append(contents(entry)).append('\n');
                }
            }
        }
        return all.toString();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_01_copies_stay_inside_while_links_are_exchanged(Mode mode) throws Exception {
        Path tree = exchanged(canary.directory());
        Path in = Files.createDirectory(directory.resolve("in"));
        Files.writeString(in.resolve("file"), "replaced");
        int reads = 0;
        int copies = 0;
        try (Container container = idle(mode);
                Racer racer = Racer.of(tree.resolve("x"), tree.resolve("evil"))) {
            ContainerFiles files = container.files();
            long start = System.nanoTime();
            for (int i = 0; Racer.goesOn(start, 2, reads > 0 && copies > 0 && racer.flips() > LEAST_FLIPS); i++) {
                try {
                    assertThat(files.readString("/tree/x/file")).isIn("mine", "written", "replaced", "");
                    files.write("/tree/x/file", "written");
                    reads++;
                } catch (FileSystemException e) {
                    assertThat(e.getFile()).startsWith("/tree/x"); // the link leads nowhere inside
                }
                Path out = directory.resolve("out" + i % 2);
                try {
                    files.copyIn(in, "/tree/x", REPLACING);
                    files.copyOut("/tree", out, REPLACING);
                    copies++;
                } catch (FileSystemException e) {
                    // one half was a link and the other a directory
                }
                assertThat(contents(out)).doesNotContain(Canary.SECRET);
            }
            assertThat(racer.flips()).isGreaterThan(LEAST_FLIPS);
        }
        assertThat(reads).isPositive();
        assertThat(copies).isPositive();
    }

    /// The same by paths, as anybody else does it who has looked before.
    @ParameterizedTest
    @MethodSource("modes")
    @Timeout(60)
    void V_01_without_the_control_the_hosts_files_are_read_and_written(Mode mode) throws Exception {
        Path outside = open(Files.createDirectory(directory.resolve("outside")));
        Files.writeString(outside.resolve("file"), Canary.SECRET);
        Path tree = exchanged(outside);
        boolean read = false;
        boolean written = false;
        try (Container container = idle(mode);
                Racer racer = Racer.of(tree.resolve("x"), tree.resolve("evil"))) {
            Path naive = Path.of("/proc", Long.toString(container.pid()), "root/tree/x");
            while (!read || !written) {
                if (Files.isDirectory(naive, LinkOption.NOFOLLOW_LINKS)) {
                    try {
                        read |= Files.readString(naive.resolve("file")).equals(Canary.SECRET);
                        Files.writeString(naive.resolve("new"), "");
                    } catch (FileSystemException e) {
                        // exchanged
                    }
                    written = Files.exists(outside.resolve("new"));
                }
            }
            assertThat(racer.flips()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_01_links_lead_to_places_inside_only(Mode mode) throws Exception {
        String host = canary.directory() + "/file";
        Files.createSymbolicLink(root.resolve("tmp/absolute"), Path.of(host));
        Files.createSymbolicLink(root.resolve("tmp/up"), Path.of("../../../../../../../../../.." + host));
        Files.createSymbolicLink(root.resolve("tmp/magic"), Path.of("/proc/1/root" + host));
        Files.createSymbolicLink(root.resolve("tmp/self"), Path.of("/proc/self/root" + host));
        try (Container container = idle(mode)) {
            ContainerFiles files = container.files();
            for (String path : new String[] {"/tmp/absolute", "/tmp/up", "/tmp/magic", "/tmp/self", "/../.." + host}) {
                assertThatThrownBy(() -> files.read(path)).as(path).isInstanceOf(FileSystemException.class);
                assertThatThrownBy(() -> files.copyOut(path, directory.resolve("o"))).as(path).isInstanceOf(FileSystemException.class);
            }
            for (String path : new String[] {"/tmp/absolute", "/tmp/up", "/tmp/magic", "/tmp/self"}) {
                assertThatThrownBy(() -> files.write(path, "x")).as(path).isInstanceOf(FileSystemException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @Timeout(60)
    void V_01_fifos_devices_and_directories_are_not_opened(Mode mode) throws Exception {
        assertThat(new ProcessBuilder("mkfifo", root.resolve("tmp/fifo").toString()).start().waitFor()).isZero();
        try (Container container = tiny(mode, "(read line < /tmp/fifo; echo somebody opened it) & sleep 1000").start()) {
            ContainerFiles files = container.files();
            long start = System.nanoTime();
            for (String path : new String[] {"/tmp/fifo", "/dev/zero", "/dev/null", "/dev/tty", "/dev/ptmx", "/tmp"}) {
                assertThatThrownBy(() -> files.read(path)).as(path).isInstanceOf(FileSystemException.class);
                assertThatThrownBy(() -> files.write(path, "x")).as(path).isInstanceOf(FileSystemException.class);
            }
            CopyReport report = files.copyOut("/tmp", directory.resolve("out"));
            assertThat(report.skipped()).isEqualTo(1);
            assertThat(directory.resolve("out/fifo")).doesNotExist();
            assertThat(System.nanoTime() - start).isLessThan(Slow.seconds(10).toNanos());
            assertThat(container.process().getInputStream().available()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_01_the_kernels_own_files_are_neither_read_nor_written(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("etc/app.conf"), Path.of("/proc/sys/kernel/core_pattern"));
        Files.createSymbolicLink(root.resolve("etc/trap"), Path.of("/proc/1"));
        try (Container container = idle(mode)) {
            ContainerFiles files = container.files();
            for (String path : new String[] {"/etc/app.conf", "/proc/sysrq-trigger", "/proc/1/environ", "/sys/kernel/uevent_seqnum",
                "/proc/sys/kernel/hostname", "/etc/trap/comm", "/etc/trap/attr/exec"}) {
                assertThatThrownBy(() -> files.write(path, "x")).as(path).isInstanceOf(FileSystemException.class);
                assertThatThrownBy(() -> files.read(path)).as(path).isInstanceOf(FileSystemException.class);
            }
            assertThatThrownBy(() -> files.copyOut("/etc/trap", directory.resolve("o"))).hasMessageContaining("the kernel's");
            assertThatThrownBy(() -> files.copyIn(root.resolve("etc/passwd"), "/etc/trap/new")).hasMessageContaining("the kernel's own");
            CopyReport report = files.copyOut("/", directory.resolve("all"));
            assertThat(report.skipped()).isGreaterThanOrEqualTo(2);
            assertThat(directory.resolve("all/proc")).doesNotExist();
            assertThat(directory.resolve("all/etc/passwd")).exists();
        }
    }

    /// By its path, a parameter of the kernel is what any file is.
    @ParameterizedTest
    @MethodSource("modes")
    void V_01_without_the_control_the_kernels_files_are_files(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("etc/trap"), Path.of("../proc/1"));
        try (Container container = idle(mode)) {
            Path naive = Path.of("/proc", Long.toString(container.pid()), "root/etc/trap/oom_score_adj");
            Files.writeString(naive, "987");
            assertThat(Files.readString(naive)).isEqualTo("987\n");
        }
    }

    private static String mounts(long pid) throws IOException {
        return Files.readString(Path.of("/proc/self/mountinfo")) + Files.readString(Path.of("/proc", Long.toString(pid), "mountinfo"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_02_nothing_is_mounted_for_a_copy_and_mounts_of_the_container_are_entered(Mode mode) throws Exception {
        Path volume = open(Files.createDirectory(directory.resolve("volume")));
        Files.writeString(volume.resolve("inner"), "of the volume");
        try (Container container = tiny(mode, "sleep 1000").bind(volume, "/mnt").start()) {
            String before = mounts(container.pid());
            container.files().copyOut("/mnt", directory.resolve("out"));
            container.files().write("/mnt/new", "x");
            container.files().copyIn(directory.resolve("out"), "/tmp/in");
            assertThat(mounts(container.pid())).isEqualTo(before);
            assertThat(directory.resolve("out/inner")).hasContent("of the volume");
            assertThat(volume.resolve("new")).hasContent("x");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_03_what_is_copied_out_stays_where_it_was_sent(Mode mode) throws Exception {
        Path tree = open(Files.createDirectory(root.resolve("tree")));
        Path out = directory.resolve("out");
        Files.createSymbolicLink(tree.resolve("d"), canary.directory());
        Files.createSymbolicLink(tree.resolve("f"), canary.directory().resolve("file"));
        Files.writeString(tree.resolve("...\n-rf \\..\\x"), "odd");
        try (Container container = idle(mode)) {
            container.files().copyOut("/tree", out);
            assertThat(Files.isSymbolicLink(out.resolve("d"))).isTrue();
            assertThat(out.resolve("...\n-rf \\..\\x")).hasContent("odd");
            Files.delete(tree.resolve("d"));
            Files.delete(tree.resolve("f"));
            Files.createDirectory(tree.resolve("d"));
            Files.writeString(tree.resolve("d/file"), "overwritten");
            Files.writeString(tree.resolve("f"), "a file now");
            assertThatThrownBy(() -> container.files().copyOut("/tree", out, REPLACING)).isInstanceOf(FileSystemException.class);
            container.files().copyOut("/tree/f", out.resolve("f"), REPLACING);
            assertThat(out.resolve("f")).hasContent("a file now");
            assertThat(Files.isSymbolicLink(out.resolve("f"))).isFalse();
        }
    }

    /// Names followed as paths lead out of the place for the copy.
    @ParameterizedTest
    @MethodSource("modes")
    void V_03_without_the_control_the_copy_leads_elsewhere(Mode mode) throws Exception {
        Path outside = open(Files.createDirectory(directory.resolve("outside")));
        Path out = Files.createDirectory(directory.resolve("out"));
        Files.createSymbolicLink(out.resolve("d"), outside); // copied before
        Files.createDirectories(root.resolve("tree/d"));
        Files.writeString(root.resolve("tree/d/file"), "x");
        try (Container container = idle(mode)) {
            Path naive = Path.of("/proc", Long.toString(container.pid()), "root/tree/d/file");
            Files.copy(naive, out.resolve("d/file"));
        }
        assertThat(outside.resolve("file")).hasContent("x");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_04_nothing_of_the_container_is_loaded_or_executed(Mode mode) throws Exception {
        Path marker = root.resolve("tmp/executed");
        for (String name : new String[] {"usr/bin/tar", "usr/bin/xz", "bin/cp", "lib/libnss_files.so.2", "usr/lib/gconv/UTF-8.so"}) {
            Path trojan = root.resolve(name);
            Files.createDirectories(trojan.getParent());
            Files.deleteIfExists(trojan);
            Files.writeString(trojan, "#!/bin/sh\ntouch /tmp/executed " + marker + "\n");
            Files.setPosixFilePermissions(trojan, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(root.resolve("etc/nsswitch.conf"), "passwd: files trojan\n");
        try (Container container = idle(mode)) {
            container.files().copyOut("/", directory.resolve("out"));
            container.files().copyIn(directory.resolve("out/etc"), "/tmp/etc");
            assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain(root.toString());
        }
        assertThat(marker).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_05_attributes_are_set_of_nothing_outside(Mode mode) throws Exception {
        Path tree = open(Files.createDirectory(root.resolve("tree")));
        Files.writeString(tree.resolve("x"), "mine");
        Files.createSymbolicLink(tree.resolve("evil"), canary.directory().resolve("file"));
        Path in = Files.writeString(directory.resolve("in"), "copied");
        boolean root = ProcessStatus.self().effectiveUid() == 0;
        int done = 0;
        try (Container container = idle(mode);
                Racer racer = Racer.of(tree.resolve("x"), tree.resolve("evil"))) {
            CopyRules rules = root ? REPLACING.owner(1000, 1000).mode(04777) : REPLACING.mode(04777);
            long start = System.nanoTime();
            while (Racer.goesOn(start, 1, done > 0 && racer.flips() > LEAST_FLIPS)) {
                try {
                    container.files().copyIn(in, "/tree/x", rules);
                    container.files().write("/tree/x", "written".getBytes(StandardCharsets.UTF_8), rules);
                    Path path = container.files().fileSystem().getPath("/tree/x");
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
                    done++;
                } catch (FileSystemException e) {
                    // the link leads nowhere inside, or two copies were at it
                }
            }
            assertThat(racer.flips()).isGreaterThan(LEAST_FLIPS);
        }
        assertThat(done).isPositive();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_05_without_the_control_the_hosts_attributes_change(Mode mode) throws Exception {
        Path victim = Files.writeString(directory.resolve("victim"), "");
        Files.createSymbolicLink(root.resolve("tmp/x"), victim);
        try (Container container = idle(mode)) {
            Path naive = Path.of("/proc", Long.toString(container.pid()), "root/tmp/x");
            Files.setPosixFilePermissions(naive, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(victim))).isEqualTo("rwxrwxrwx");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_05_what_is_copied_out_runs_as_nobody_else(Mode mode) throws Exception {
        try (Container container = idle(mode)) {
            container.files().write("/tmp/program", "x".getBytes(StandardCharsets.UTF_8), CopyRules.standard().mode(06755));
            Path out = directory.resolve("program");
            container.files().copyOut("/tmp/program", out);
            assertThat((Integer) Files.getAttribute(out, "unix:mode") & 07777).isEqualTo(0755);
        }
    }

    /// A process that is given a directory of the host may not make it the root that the JVM works in.
    @ParameterizedTest
    @MethodSource("modes")
    void V_01_a_root_that_is_the_hosts_is_refused(Mode mode) throws Exception {
        ContainerFiles own = ContainerFiles.ofProcess(ProcessHandle.current().pid(), () -> true);
        assertThatThrownBy(() -> own.read("/etc/passwd")).isInstanceOf(IOException.class).hasMessageContaining("no root of its own");
        try (Container container = idle(mode)) {
            assertThat(container.files().exists("/etc/passwd")).isTrue();
        }
    }
}
