// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;
import org.dolium.files.ContainerFiles;
import org.dolium.files.CopyRules;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Archives in and out of running containers.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ContainerArchivesTest {
    private static final CopyRules RULES = CopyRules.standard();

    @TempDir
    Path directory;

    private Path root;
    private Path spool;

    @BeforeEach
    void make() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        spool = Files.createDirectory(directory.resolve("spool"));
    }

    private Container start() throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(root)).command("sleep", "100").start();
    }

    private static byte[] archive(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String name : names) {
                String[] link = name.split(" -> ", -1);
                TarArchiveEntry entry = link.length == 1 ? new TarArchiveEntry(name, true) : new TarArchiveEntry(link[0], TarConstants.LF_SYMLINK);
                byte[] content = link.length == 1 ? name.getBytes(StandardCharsets.UTF_8) : new byte[0];
                if (link.length > 1) {
                    entry.setLinkName(link[1]);
                }
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void archives_go_in_and_come_out() throws Exception {
        try (Container container = start()) {
            ContainerFiles files = container.files();
            ContainerArchives.copyIn(files, new ByteArrayInputStream(archive("a/one", "etc/group", "link -> a/one")), "/", RULES, spool);
            assertThat(files.readString("/link")).isEqualTo("a/one");
            assertThat(files.readString("/etc/group")).isEqualTo("etc/group");
            assertThat(files.exists("/etc/passwd")).isTrue();
            ContainerArchives.copyIn(files, new ByteArrayInputStream(archive("x")), "/new/place", RULES, spool);
            assertThat(files.readString("/new/place/x")).isEqualTo("x");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ContainerArchives.copyOut(files, "/a", out, RULES, spool);
            StringBuilder names = new StringBuilder();
            try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    names.append(entry.getName()).append(' ').append(entry.getLongUserId()).append('\n');
                }
            }
            assertThat(names.toString()).contains("a/ 0\n", "a/one 0\n");
            assertThatThrownBy(() -> ContainerArchives.copyIn(
                    files, new ByteArrayInputStream(archive("long name")), "/x", RULES.maxBytes(8), spool)).hasMessageContaining("more than 8");
        }
        assertThat(spool).isEmptyDirectory();
    }

    @Test
    void V_03_a_hostile_archive_reaches_nothing_outside_and_takes_nothing_of_the_host_in() throws Exception {
        Canary canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
        String host = canary.directory().toString();
        try (Container container = start()) {
            ContainerFiles files = container.files();
            for (String[] names : new String[][] {{"../x"}, {"d -> " + host, "d/file"}, {"a/../../x"}}) {
                assertThatThrownBy(() -> ContainerArchives.copyIn(files, new ByteArrayInputStream(archive(names)), "/in", RULES, spool))
                        .as(names[0]).isInstanceOf(IOException.class);
            }
            ContainerArchives.copyIn(files, new ByteArrayInputStream(archive("secret -> " + host + "/file")), "/", RULES, spool);
            assertThatThrownBy(() -> files.read("/secret")).isInstanceOf(IOException.class);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ContainerArchives.copyOut(files, "/", out, RULES, spool);
            assertThat(out.toString(StandardCharsets.ISO_8859_1)).doesNotContain(Canary.SECRET);
        }
        canary.check();
        assertThat(spool).isEmptyDirectory();
    }
}
