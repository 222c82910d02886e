// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.launch.Program;
import org.dolium.mount.Root;
import org.dolium.process.LaunchException;
import org.dolium.process.UserDatabase;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What is made in an overlay for a container: many layers, the working directory, volumes; for every user.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class OverlayTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private Path root;

    @BeforeEach
    void make() throws Exception {
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
    }

    private ContainerBuilder tiny(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(root)).command("sh", "-c", script);
    }

    private static String output(ContainerBuilder builder) throws Exception {
        return output(builder.build());
    }

    private static String output(ContainerSpec spec) throws Exception {
        Result result = spec.run(LIMIT);
        return result.stdout() + result.stderr();
    }

    private Path[] layers(int count) throws IOException {
        Path[] layers = new Path[count];
        for (int i = 0; i < count - 1; i++) {
            layers[i] = Files.createDirectory(directory.resolve("layer,:" + i));
            Files.writeString(layers[i].resolve("f" + i), "");
        }
        layers[count - 1] = root;
        return layers;
    }

    /// The container as kernels before 6.8 mount it.
    private static ContainerSpec linked(ContainerBuilder builder) throws Exception {
        ContainerSpec spec = builder.build();
        Blueprint old = spec.blueprint;
        SandboxSpec changed = old.spec().withRoot(((Root.Overlay) old.spec().root()).withLinks());
        Program program = Program.compile(SandboxPlanner.plan(changed, old.host()));
        old.program().close();
        return new ContainerSpec(
                builder,
                new Blueprint(changed, old.host(), old.diskUpper(), old.idMaps(), old.mappedBinds(), old.groupPlan(), program),
                spec.reductions());
    }

    @Test
    void there_can_be_as_many_layers_as_overlayfs_takes() throws Exception {
        Path[] layers = layers(501);
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(Rootfs.overlay(Arrays.copyOfRange(layers, 1, 501)))
                .command("sh", "-c", "ls / | grep -c '^f[0-9]'");
        assertThat(output(builder)).isEqualTo("499\n");
        assertThatThrownBy(() -> builder.rootfs(Rootfs.overlay(layers)).build())
                .hasMessageContaining("501 layers, and overlayfs takes no more than 500");
    }

    @Test
    void an_old_kernel_gets_them_by_links() throws Exception {
        for (Rootfs.Overlay overlay : new Rootfs.Overlay[] {
            Rootfs.overlay(layers(200)), Rootfs.overlay(root).upperOnDisk(directory)
        }) {
            ContainerBuilder builder = ContainerBuilder.create()
                    .rootfs(overlay)
                    .command("sh", "-c", "ls / | grep -c '^f[0-9]'; rm -r /etc; ls -d /etc; grep -c ^overlay /proc/mounts; mkdir /x");
            String expected = (overlay.lower().size() - 1) + "\n1\nls: /etc: No such file or directory\n";
            ContainerSpec spec = linked(builder);
            if (spec.reductions().stream().anyMatch(text -> text.contains("can't be removed"))) {
                assertThat(output(spec)).contains("/etc': Input/output error");
            } else {
                assertThat(output(spec)).isEqualTo(expected);
            }
            assertThat(root.resolve("etc")).exists();
            assertThat(root.resolve("x")).doesNotExist();
            spec.release();
        }
    }

    /// As a JVM leaves it that is killed while it makes a layer or deletes one.
    @Test
    void the_remains_of_a_layer_are_removed_by_the_next_start_and_nothing_else() throws Exception {
        Path uppers = Files.createDirectory(directory.resolve("uppers"));
        Files.createDirectory(uppers.resolve("dolium-1"));
        Files.writeString(Files.createDirectory(uppers.resolve("dolium-2")).resolve("lock"), "");
        Path full = Files.createDirectory(uppers.resolve("dolium-3"));
        Files.writeString(full.resolve("lock"), "");
        Files.writeString(full.resolve("container"), "");
        Files.writeString(Files.createDirectories(full.resolve("upper/a")).resolve("file"), "");
        Files.writeString(Files.createDirectory(uppers.resolve("dolium-4")).resolve("no-lock"), "");
        Files.createDirectory(uppers.resolve("dolium-mine"));
        Files.writeString(uppers.resolve("dolium-5"), "a file");
        Files.createSymbolicLink(uppers.resolve("dolium-6"), Files.createDirectory(directory.resolve("elsewhere")));
        ContainerBuilder.create().rootfs(Rootfs.overlay(root).upperOnDisk(uppers)).command("true").run(Duration.ofSeconds(20));
        try (java.util.stream.Stream<Path> left = Files.list(uppers)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("dolium-4", "dolium-mine", "dolium-5", "dolium-6");
        }
        assertThat(directory.resolve("elsewhere")).isEmptyDirectory();
    }

    /// Closing any descriptor of a file gives up all of a process's locks on it; see fcntl(2).
    @Test
    void a_layer_stays_locked_when_this_jvm_starts_another_container_beside_it() throws Exception {
        Path uppers = Files.createDirectory(directory.resolve("uppers"));
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.overlay(root).upperOnDisk(uppers)).command("sleep", "60");
        try (Container running = builder.start()) {
            Path lock;
            try (java.util.stream.Stream<Path> names = Files.list(uppers)) {
                lock = names.findFirst().orElseThrow().resolve("lock");
            }
            builder.command("true").run(Duration.ofSeconds(20));
            Process other = new ProcessBuilder(MustRun.program("python3"), "-c", "import fcntl, sys\n"
                    + "try: fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB); print('free')\n"
                    + "except OSError: print('locked')", lock.toString()).start();
            assertThat(new String(other.getInputStream().readAllBytes())).isEqualTo("locked\n");
            assertThat(running.isAlive()).isTrue();
        }
        assertThat(uppers).isEmptyDirectory();
    }

    @Test
    void the_working_directory_is_made_for_the_user() throws Exception {
        ContainerBuilder builder = tiny("pwd; stat -c %u:%g:%a . .. /home /home/alice")
                .user("alice").workingDirectory("/home/alice/deep").makeWorkingDirectory();
        assertThat(output(builder)).startsWith("/home/alice/deep\n1000:1000:755\n1000:1000:755\n").endsWith("1000:1000:755\n");
        assertThat(root.resolve("home/alice")).doesNotExist();
        assertThatThrownBy(() -> output(tiny("true").workingDirectory("/none"))).isInstanceOf(LaunchException.class);
        assertThatThrownBy(() -> tiny("true").rootfs(Rootfs.directory(root)).makeWorkingDirectory().build())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("need an overlay");
    }

    @Test
    void a_working_directory_that_is_there_keeps_its_owner() throws Exception {
        Path there = Files.createDirectory(root.resolve("there"));
        String owner = Files.getAttribute(there, "unix:uid").toString();
        String single = owner.equals("0") ? "0\n" : "1000\n"; // the only id that there is
        assertThat(output(tiny("stat -c %u .").user("alice").workingDirectory("/there").makeWorkingDirectory())).isEqualTo(single);
    }

    @Test
    void nothing_of_the_working_directory_is_made_in_a_directory_of_the_host() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        assertThatThrownBy(() -> output(tiny("true").bind(data, "/mnt").workingDirectory("/mnt/x").makeWorkingDirectory()))
                .isInstanceOf(LaunchException.class).hasMessageContaining("chdir(\"/mnt/x\") = -1 ENOENT");
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void a_volume_is_a_writable_directory_with_what_the_layers_have_there() throws Exception {
        Files.writeString(root.resolve("mnt/file"), "of the layer\n");
        String script = "cat /mnt/file; echo x > /mnt/file; cat /mnt/file; touch /a/b/c && echo made; touch /d 2>&1 | grep -o Read-only";
        ContainerBuilder builder = tiny(script).volume("/mnt").volume("/a/b");
        assertThat(output(builder)).isEqualTo("of the layer\nx\nmade\n");
        assertThat(output(builder.rootfs(Rootfs.overlay(root).asReadOnly()))).isEqualTo("of the layer\nx\nmade\nRead-only\n");
        assertThat(root.resolve("mnt/file")).hasContent("of the layer\n");
        assertThat(root.resolve("a")).doesNotExist();
    }

    @Test
    void a_mount_takes_the_place_of_a_volume() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        assertThat(output(tiny("touch /mnt/x").volume("/mnt").bind(data, "/mnt"))).isEmpty();
        assertThat(data.resolve("x")).exists();
    }

    @Test
    void a_root_that_is_read_only_gets_its_mount_points() throws Exception {
        ContainerBuilder builder = tiny("touch /x; touch /new/mem/x && echo ok").tmpfs("/new/mem")
                .rootfs(Rootfs.overlay(root).asReadOnly());
        assertThat(output(builder)).contains("ok\n", "Read-only file system");
    }

    @Test
    void what_is_held_is_given_back_once() throws Exception {
        AtomicInteger held = new AtomicInteger();
        AtomicInteger given = new AtomicInteger();
        Holding holding = () -> {
            held.incrementAndGet();
            return given::incrementAndGet;
        };
        try (Container container = tiny("sleep 60").holding(holding).start()) {
            assertThat(held).hasValue(1);
            assertThat(given).hasValue(0);
            container.close();
            assertThat(given).hasValue(1);
        }
        assertThat(given).hasValue(1);
        assertThatThrownBy(() -> tiny("").command("/no/such").holding(holding).start()).isInstanceOf(LaunchException.class);
        assertThat(given).hasValue(2);
        assertThatThrownBy(() -> tiny("true").holding(() -> {
            throw new IOException("it is gone");
        }).start()).hasMessage("it is gone");
    }

    @Test
    void an_entry_point_does_away_with_the_default_command_only() throws Exception {
        assertThat(output(tiny("").entrypoint("echo", "a").command("b"))).isEqualTo("a b\n");
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.overlay(root)).entrypoint("echo")
                .defaultCommand(List.of("default"));
        assertThat(output(builder)).isEqualTo("default\n");
        assertThat(output(builder.entrypoint("echo", "other"))).isEqualTo("other\n");
        assertThat(output(builder.command("mine").entrypoint("echo", "other"))).isEqualTo("other mine\n");
    }

    @Test
    void remarks_are_seen_on_the_container() throws Exception {
        HealthCheck check = HealthCheck.of("true");
        try (Container container = tiny("trap 'exit 7' USR1; echo; while :; do sleep 0.1; done").label("a", "b")
                .exposedPort("80/tcp").healthCheck(check).stopSignal(Signal.USR1).start()) {
            container.process().inputReader().readLine();
            assertThat(container.labels()).containsExactlyEntriesOf(java.util.Map.of("a", "b"));
            assertThat(container.exposedPorts()).containsExactly("80/tcp");
            assertThat(container.healthCheck()).contains(check);
            assertThat(container.stopSignal()).isEqualTo(Signal.USR1);
            assertThat(container.stop(LIMIT).status().shellCode()).isEqualTo(7);
        }
    }

    @Test
    void users_that_are_known_already_are_not_read_again() throws Exception {
        UserDatabase users = Rootfs.overlay(root).users();
        Files.delete(root.resolve("etc/passwd"));
        assertThat(output(tiny("id -u").users(users).user("alice"))).isEqualTo("1000\n");
    }
}
