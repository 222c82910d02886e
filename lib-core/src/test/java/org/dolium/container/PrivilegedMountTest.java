// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.dolium.linux.Propagation;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Mounts that only a privileged JVM can make, or whose test must mount something on the host.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class PrivilegedMountTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final IdMaps RANGE = IdMaps.parse("0:100000:65536");

    @TempDir
    Path directory;

    private Path root;
    private Path data;

    @BeforeEach
    void make() throws Exception {
        MustRun.root();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        data = Files.createDirectory(directory.resolve("data"));
        Files.writeString(data.resolve("file"), "content\n");
    }

    private ContainerBuilder tiny(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script);
    }

    private static void host(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void an_id_mapped_bind_belongs_to_the_containers_root() throws Exception {
        ContainerBuilder mapped = tiny("stat -c %u:%g /mnt/file; touch /mnt/new; stat -c %u /mnt/new")
                .userNamespace(UserNamespace.mapped(RANGE, RANGE));
        assertThat(mapped.mount(Bind.of(data, "/mnt").idMapped()).run(LIMIT).stdout()).isEqualTo("0:0\n0\n");
        assertThat(Files.getAttribute(data.resolve("new"), "unix:uid")).isEqualTo(0);
    }

    @Test
    void without_the_mapping_the_same_files_belong_to_nobody() throws Exception {
        Result result = tiny("stat -c %u:%g /mnt/file; touch /mnt/new")
                .userNamespace(UserNamespace.mapped(RANGE, RANGE))
                .bind(data, "/mnt")
                .run(LIMIT);
        assertThat(result.stdout()).isEqualTo("65534:65534\n");
        assertThat(result.stderr()).contains("Permission denied");
    }

    @Test
    void an_id_mapped_bind_can_have_maps_of_its_own() throws Exception {
        IdMaps maps = IdMaps.parse("0:1000:1,1:2000:10");
        Result result = tiny("stat -c %u:%g /mnt/file; echo x > /mnt/file")
                .mount(Bind.of(data, "/mnt").idMapped(maps, maps).readOnly())
                .run(LIMIT);
        assertThat(result.stdout()).isEqualTo("1000:1000\n");
        assertThat(result.stderr()).contains("Read-only file system");
    }

    @Test
    void what_the_host_mounts_later_appears_only_below_a_slave() throws Exception {
        host("mount", "-t", "tmpfs", "dolium-test", data.toString());
        try {
            host("mount", "--make-shared", data.toString());
            Files.createDirectory(data.resolve("sub"));
            String waiting = "read line; ls /mnt/sub";
            try (Container slave = tiny(waiting).mount(Bind.of(data, "/mnt").propagation(Propagation.SLAVE)).start();
                    Container isolated = tiny(waiting).bind(data, "/mnt").start()) {
                host("mount", "-t", "tmpfs", "dolium-test", data.resolve("sub").toString());
                Files.writeString(data.resolve("sub/later"), "");
                assertThat(goOn(slave)).isEqualTo("later\n");
                assertThat(goOn(isolated)).isEmpty();
            } finally {
                host("umount", data.resolve("sub").toString());
            }
        } finally {
            host("umount", data.toString());
        }
    }

    private static String goOn(Container container) throws Exception {
        container.process().outputWriter().append("\n").close();
        return new String(container.process().getInputStream().readAllBytes());
    }

    @Test
    void what_a_container_mounts_never_appears_on_the_host() throws Exception {
        host("mount", "-t", "tmpfs", "dolium-test", data.toString());
        try {
            host("mount", "--make-shared", data.toString());
            for (Propagation propagation : new Propagation[] {Propagation.SHARED, Propagation.SLAVE, Propagation.PRIVATE}) {
                ContainerBuilder builder = tiny("mkdir -p /mnt/x && mount -t tmpfs none /mnt/x && touch /mnt/x/inside; echo $?")
                        .mount(Bind.of(data, "/mnt").propagation(propagation))
                        .addCapabilities(org.dolium.capability.Capability.SYS_ADMIN);
                assertThat(builder.run(LIMIT).stdout()).isEqualTo("0\n");
                assertThat(data.resolve("x")).isEmptyDirectory();
            }
        } finally {
            host("umount", data.toString());
        }
    }

    @Test
    void P_18_a_read_only_bind_is_read_only_in_what_is_mounted_below() throws Exception {
        Path sub = Files.createDirectory(data.resolve("sub"));
        host("mount", "-t", "tmpfs", "dolium-test", sub.toString());
        try {
            assertThat(tiny("touch /mnt/sub/x").bind(data, "/mnt").run(LIMIT).stderr()).isEmpty();
            assertThat(tiny("touch /mnt/sub/y").bindReadOnly(data, "/mnt").run(LIMIT).stderr())
                    .contains("Read-only file system");
            Result flat = tiny("ls /mnt/sub; touch /mnt/sub/z")
                    .mount(Bind.of(data, "/mnt").nonRecursive())
                    .run(LIMIT);
            assertThat(flat.stdout()).isEmpty();
            assertThat(sub.toFile().list()).containsExactly("x");
        } finally {
            host("umount", sub.toString());
        }
        assertThat(sub.resolve("z")).exists();
    }
}
