// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeSet;
import org.dolium.capability.Capability;
import org.dolium.process.LaunchException;
import org.dolium.testing.Canary;
import org.dolium.testing.Inner;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows F-08, P-20, P-21, S-11, S-12, S-20, S-22 and S-23 of the security matrix: what the kernel offers to somebody who is root in
/// a container, or to who may be nobody.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class SurfaceSecurityTest extends SecurityRows {
    private static final String HANDLES = """
            handle = ctypes.create_string_buffer(struct.pack('Ii', 128, 0) + bytes(128), 136)
            mount = ctypes.c_int()
            os.close(os.open('/dev/shm/file', os.O_CREAT, 0o600)) # not every root file system has handles, and memory has
            call('name', (303, 264), -100, b'/dev/shm/file', handle, ctypes.byref(mount), 0)
            root = os.open('/dev/shm', os.O_RDONLY)
            call('open', (304, 265), root, handle, os.O_RDONLY)
            """;
    private static final String UNIX_SOCKETS = "/proc/net/unix";
    /// A socket of this JVM's test. Tests of others at the same time must not take it for one of a container.
    private static final String SOCKET = "row-" + ProcessHandle.current().pid();

    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private static ContainerBuilder python(Mode mode, String script) {
        return mode.apply(ContainerBuilder.create().rootfs(Rootfs.host()).command(Inner.command(script)));
    }

    private static int uidOfRoot(Mode mode) {
        return mode == Mode.RU ? 100_000 : 0;
    }

    private ContainerBuilder closedCommand(Mode mode) throws Exception {
        Path file = Files.copy(root.resolve("bin/busybox"), root.resolve("bin/id2"));
        Files.setAttribute(file, "unix:uid", uidOfRoot(mode));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return mode.apply(ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("/bin/id2"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void F_08_a_command_that_its_user_may_not_execute_is_refused(Mode mode) throws Exception {
        ContainerBuilder builder = closedCommand(mode).user("1000:1000");
        assertThatThrownBy(() -> builder.run(LIMIT)).isInstanceOf(LaunchException.class).hasMessageContaining("EACCES");
    }

    @Test
    void F_08_without_the_control_it_is_executed() throws Exception {
        ContainerBuilder builder = closedCommand(Mode.R).user("1000:1000");
        ContainerSpec asRoot = Variant.without(builder, "setres[ug]id\\(.*|setgroups\\(.*|capset\\(.*|expect .*|prctl\\(PR_GET.*");
        assertThat(asRoot.run(LIMIT).stderr()).contains("applet not found"); // it ran, and did not know its name
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_11_cgroups_of_version_1_can_not_be_mounted_and_have_no_release_agent(Mode mode) throws Exception {
        boolean legacy = Files.readString(Path.of("/proc/filesystems")).contains("\tcgroup\n");
        MustRun.require(legacy, "a kernel with cgroup v1");
        assertThat(output(tiny(mode, "mount -t cgroup -o pids none /mnt; echo $?"))).startsWith("1\n").contains("denied");
        String agent = "mount -t cgroup -o pids none /mnt; (: > /mnt/release_agent) && echo SET;"
                + "mount -t cgroup -o remount,pids,release_agent=/x none /mnt && echo SET";
        assertThat(output(tiny(Mode.RU, agent).addCapabilities(Capability.SYS_ADMIN))).isNotEmpty().doesNotContain("SET");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_12_a_file_can_not_be_opened_by_its_handle(Mode mode) throws Exception {
        Map<String, String> results = Inner.results(output(python(mode, HANDLES)));
        assertThat(results).containsEntry("open", "EPERM");
    }

    @Test
    void S_12_without_the_control_it_can() throws Exception {
        String inner = output(python(Mode.R, HANDLES).addCapabilities(Capability.DAC_READ_SEARCH));
        assertThat(Inner.results(inner)).containsEntry("name", "done").containsEntry("open", "done");
    }

    private ContainerBuilder withDevice(Mode mode) throws Exception {
        assertThat(new ProcessBuilder("mknod", "-m", "666", root.resolve("bin/disk").toString(), "c", "1", "3").start().waitFor())
                .isZero();
        return tiny(mode, "echo x > /bin/disk && echo written");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_20_a_device_that_the_image_brings_can_not_be_opened(Mode mode) throws Exception {
        assertThat(output(withDevice(mode))).contains("Permission denied").doesNotContain("written");
    }

    @Test
    void S_20_without_the_control_it_can() throws Exception {
        String restricts = "mount_setattr\\(.*attr_set=MOUNT_ATTR_NOSUID\\|MOUNT_ATTR_NODEV, propagation.*";
        assertThat(output(Variant.without(withDevice(Mode.R), restricts))).isEqualTo("written\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_20_no_device_can_be_made_and_one_that_is_made_is_of_no_use(Mode mode) throws Exception {
        String make = "mknod /tmp/x b 254 0 || exit; (: < /tmp/x) && echo opened";
        Files.setPosixFilePermissions(root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(output(tiny(mode, make))).contains("not permitted");
        assertThat(output(tiny(mode, make).addCapabilities(Capability.MKNOD))).doesNotContain("opened")
                .containsPattern(mode == Mode.R ? "Permission denied|not permitted" : "not permitted");
    }

    private static TreeSet<String> abstractSockets() throws Exception {
        TreeSet<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of(UNIX_SOCKETS))) {
            String name = line.substring(line.lastIndexOf(' ') + 1);
            if (name.startsWith("@")) {
                names.add(name);
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_22_no_abstract_socket_appears_while_a_container_is_started_and_runs(Mode mode) throws Exception {
        TreeSet<String> before = abstractSockets();
        try (Container container = tiny(mode, "echo; cat").network(Network.host()).start()) {
            container.process().inputReader().readLine();
            TreeSet<String> now = abstractSockets();
            now.removeAll(before);
            assertThat(now).noneMatch(name -> name.contains("dolium"));
        }
        ContainerSpec spec = tiny(mode, "grep -c '@dolium' /proc/net/unix").network(Network.host()).build();
        assertThat(output(spec)).isEqualTo("0\n");
    }

    @Test
    void S_22_control_one_would_be_seen() throws Exception {
        String listen = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind('\\0" + SOCKET + "'); s.listen()\n"
                + "print(flush=True); sys.stdin.read()";
        Process other = new ProcessBuilder("/usr/bin/python3", "-c", listen).start();
        try {
            other.inputReader().readLine();
            assertThat(abstractSockets()).anyMatch(name -> name.contains(SOCKET));
            assertThat(output(tiny(Mode.R, "grep -c '@" + SOCKET + "' /proc/net/unix").network(Network.host()))).isEqualTo("1\n");
        } finally {
            other.getOutputStream().close();
            other.waitFor();
        }
    }

    /// Whoever asks for the peer's uid at such a socket of the host would take the container's root for the user.
    private String connecting(ContainerBuilder builder) throws Exception {
        Process host = new ProcessBuilder("/usr/bin/python3", "-c", "import socket, sys; s = socket.socket(socket.AF_UNIX);"
                + " s.bind('\\0" + SOCKET + "'); s.listen(); print(flush=True); sys.stdin.read()").start();
        try {
            host.inputReader().readLine();
            return Inner.results(output(builder)).get("connect");
        } finally {
            host.getOutputStream().close();
            host.waitFor();
        }
    }

    private static final String CONNECT =
            "import socket\nattempt('connect', lambda: socket.socket(socket.AF_UNIX).connect('\\0" + SOCKET + "'))";

    @ParameterizedTest
    @MethodSource("modes")
    void S_23_the_hosts_abstract_sockets_are_not_to_be_reached(Mode mode) throws Exception {
        assertThat(connecting(python(mode, CONNECT))).isEqualTo("ECONNREFUSED");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_23_without_the_control_they_are(Mode mode) throws Exception {
        assertThat(connecting(python(mode, CONNECT).network(Network.host()))).isEqualTo("done");
    }

    private ContainerBuilder named(Mode mode, String name) throws Exception {
        String owner = uidOfRoot(mode) + ":" + uidOfRoot(mode);
        assertThat(new ProcessBuilder("chown", "-hR", owner, root.toString()).start().waitFor()).isZero();
        Path odd = Files.move(root, directory.resolve(name));
        return mode.apply(ContainerBuilder.create().rootfs(Rootfs.overlay(odd))
                .command("sh", "-c", "grep ' / / ' /proc/self/mountinfo | cut -d' ' -f6; echo x > /tmp/new; cat /tmp/new"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_20_a_layer_with_an_odd_name_is_that_layer_and_gives_no_privileges(Mode mode) throws Exception {
        String name = "a;upperdir=b:c\\d=e userxattr";
        assertThat(output(named(mode, name))).matches("(?s)[a-z,]*nosuid,nodev[a-z,]*\nx\n");
        assertThat(directory.resolve(name).resolve("tmp/new")).doesNotExist();
    }

    private static boolean takesCommas() {
        String[] release = System.getProperty("os.version").split("[^0-9]");
        return Integer.parseInt(release[0]) * 1000 + Integer.parseInt(release[1]) >= 6005;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_20_a_comma_in_a_name_is_no_more_or_an_error_where_the_kernel_takes_none(Mode mode) throws Exception {
        String name = "a,upperdir=b,userxattr";
        ContainerBuilder builder = named(mode, name);
        if (takesCommas()) {
            assertThat(output(builder)).matches("(?s)[a-z,]*nosuid,nodev[a-z,]*\nx\n");
        } else {
            assertThatThrownBy(() -> builder.run(LIMIT))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("\"lowerdir\"").hasMessageContaining("comma");
        }
        assertThat(directory.resolve(name).resolve("tmp/new")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_21_the_layers_of_an_image_are_as_they_were(Mode mode) throws Exception {
        Map<String, String> before = Canary.manifest(root);
        ContainerSpec spec = mount(mode, Rootfs.overlay(root)).build();
        for (int i = 0; i < 30; i++) {
            assertThat(output(spec)).isEqualTo("ok\n");
        }
        assertThat(Canary.manifest(root)).isEqualTo(before);
    }

    @Test
    void P_21_without_the_control_mount_points_are_left_in_it() throws Exception {
        Map<String, String> before = Canary.manifest(root);
        assertThat(output(mount(Mode.R, Rootfs.directory(root)))).isEqualTo("ok\n");
        assertThat(Canary.manifest(root)).isNotEqualTo(before);
        assertThat(root.resolve("not/there")).isDirectory();
    }

    private ContainerBuilder mount(Mode mode, Rootfs rootfs) {
        return mode.apply(ContainerBuilder.create().rootfs(rootfs).command("sh", "-c", "touch /here && echo ok"))
                .tmpfs("/not/there").bindReadOnly(canary.directory(), "/nor/here");
    }
}
