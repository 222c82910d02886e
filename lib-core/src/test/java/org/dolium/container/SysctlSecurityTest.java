// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows S-25, P-06 and P-07 of the security matrix: kernel parameters, and the /proc that they are written through.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class SysctlSecurityTest extends SecurityRows {
    private static final String FORWARD = "/proc/sys/net/ipv4/ip_forward";

    private static void refused(ContainerBuilder builder, String reason) {
        assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "kernel.core_pattern", "kernel/core_pattern", "kernel.modprobe", "kernel.hostname", "kernel.sysrq", "vm.swappiness",
        "fs.file-max", "fs.mqueuex", "dev.tty.legacy_tiocsti", "user.max_user_namespaces", "netx.ipv4", "kernel.msg",
        "net", "kernel", "kernel.msgmax.x", "kernel/msgmax.x"
    })
    void S_25_a_parameter_of_the_host_is_refused(String key) {
        refused(tiny(Mode.here().get(0), "true").sysctl(key, "1"), "belongs to the host");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "net.ipv4.ip_forward+kernel.core_pattern=x", "net.ipv4.ip_forward\n", "net.ipv4.ip_forward ", "net.ipv4\0x", "",
        "net/../kernel/core_pattern", "net/./ipv4", "net//ipv4", "/net/ipv4", "net/ipv4/", "net..ipv4", "net/ipv4/../x", "NET.x",
        "../net/x", "net/*"
    })
    void S_25_a_name_that_is_none_is_refused(String key) {
        assertThatThrownBy(() -> tiny(Mode.here().get(0), "true").sysctl(key, "1").build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1\n", "1\nx", "1\0"})
    void S_25_a_value_of_several_lines_is_refused(String value) {
        refused(tiny(Mode.here().get(0), "true").sysctl("net.ipv4.ip_forward", value), "value of the kernel parameter");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_25_a_parameter_of_a_namespace_that_is_not_the_containers_own_is_refused(Mode mode) {
        refused(tiny(mode, "true").network(Network.host()).sysctl("net.ipv4.ip_forward", "1"), "needs a new net namespace");
        refused(
                tiny(mode, "true").namespace(NamespaceKind.NET, NamespaceMode.join(Path.of("/proc/self/ns/net")))
                        .sysctl("net.ipv4.ip_forward", "1"),
                "needs a new net namespace");
        refused(
                tiny(mode, "true").namespace(NamespaceKind.IPC, NamespaceMode.host()).sysctl("fs.mqueue.msg_max", "20"),
                "needs a new ipc namespace");
        refused(
                tiny(mode, "true").namespace(NamespaceKind.UTS, NamespaceMode.host()).sysctl("kernel.domainname", "x"),
                "needs a new uts namespace");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_25_the_containers_own_parameters_are_set_and_the_hosts_are_not(Mode mode) throws Exception {
        String before = Files.readString(Path.of(FORWARD));
        ContainerBuilder builder = tiny(mode, "cd /proc/sys; cat net/ipv4/ip_forward net/ipv4/conf/lo/log_martians"
                        + " net/ipv4/ip_unprivileged_port_start kernel/domainname")
                .sysctl("net.ipv4.ip_forward", "1")
                .sysctl("net/ipv4/conf/lo/log_martians", "1")
                .sysctl("net.ipv4.ip_unprivileged_port_start", "80")
                .sysctl("kernel.domainname", "rows");
        assertThat(output(builder)).isEqualTo("1\n1\n80\nrows\n");
        assertThat(Files.readString(Path.of(FORWARD))).isEqualTo(before);
        assertThat(output(tiny(mode, "cat /proc/sys/net/ipv4/ip_forward"))).isEqualTo("0\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_25_those_of_ipc_are_set_where_the_kernel_lets_the_containers_root(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "cd /proc/sys; cat kernel/msgmax fs/mqueue/msg_max kernel/sem")
                .sysctl("kernel.msgmax", "4096").sysctl("fs.mqueue.msg_max", "20").sysctl("kernel.sem", "100 200 30 40");
        try {
            assertThat(output(builder)).isEqualTo("4096\n20\n100\t200\t30\t40\n");
        } catch (LaunchException e) { // Debian's 6.1 has what 6.9 brought, others of that age have not
            assertThat(e).hasMessageContaining("since Linux 6.9");
            assertThat(mode != Mode.R && !HostProbe.host().kernelAtLeast(6, 9)).as(e.toString()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_25_what_the_kernel_does_not_take_ends_the_launch(Mode mode) {
        assertThatThrownBy(() -> tiny(mode, "true").sysctl("net.ipv4.ip_forward", "many").run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("write(").hasMessageContaining("sysctl net/ipv4/ip_forward")
                .hasMessageContaining("the kernel does not take this value");
        assertThatThrownBy(() -> tiny(mode, "true").sysctl("net.ipv4.no_such_thing", "1").run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("openat2(").hasMessageContaining("there is no such kernel parameter");
    }

    /// The negative control: the plan itself could open the host's for writing. What it writes there is no value, so that
    /// the kernel takes none.
    @ParameterizedTest
    @MethodSource("modes")
    void S_25_without_the_control_the_hosts_root_sets_the_hosts_parameters(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo set").sysctl("net.ipv4.ip_default_ttl", "no-number");
        ContainerSpec weak = Variant.withArgument(
                builder, "openat2\\([^,]*, \"sys/net/.*", 1, Arg.str("sys/vm/swappiness"));
        assertThatThrownBy(() -> weak.run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining(mode == Mode.R ? "write(" : "only the host's root");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_06_parameters_are_written_through_a_proc_that_nobody_can_mount_over(Mode mode) throws Exception {
        String plan = tiny(mode, "true").sysctl("net.ipv4.ip_forward", "1").explain();
        String handle = plan.replaceFirst("(?s).*\\$(\\d+) = openat2\\(\\$(\\d+), \"sys/net/ipv4/ip_forward\".*", "$2");
        assertThat(plan).contains("$" + handle + " = fsmount(").contains("is a proc file system")
                .contains("resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS");
        assertThat(plan).contains("close($" + handle + ")");
        // P-07: made before the container's root is there, and closed before its command is
        assertThat(plan.indexOf("close($" + handle + ")")).isLessThan(plan.indexOf("open_tree("));
    }

    private static final String HANDLE = "fsmount\\(\\$\\d+, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID\\|MOUNT_ATTR_NODEV\\|MOUNT_ATTR_NOEXEC\\)";
    private static final String CHECK = "expect .* is a proc file system";
    private static final String OPEN = "openat2\\([^,]*, \"sys/net/ipv4/ip_forward\".*";

    /// The plan writes below a directory that somebody hostile made: its file leads elsewhere.
    private ContainerSpec misled(Mode mode, String passedOver, Path trap) throws Exception {
        Path fake = Files.createDirectories(directory.resolve("fake"));
        Files.createDirectories(fake.resolve("sys/net/ipv4"));
        Files.createSymbolicLink(fake.resolve("sys/net/ipv4/ip_forward"), trap);
        Syscall instead = Syscall.of(Sys.OPENAT, Arg.AT_FDCWD, Arg.str(fake.toString()), Arg.flags(0x280000, "O_PATH"), Arg.num(0));
        Syscall follows = Syscall.of(Sys.OPENAT, Arg.AT_FDCWD,
                Arg.str(fake + "/sys/net/ipv4/ip_forward"), Arg.flags(0x80001, "O_WRONLY|O_CLOEXEC"), Arg.num(0));
        boolean[] seen = new boolean[1];
        return Variant.of(tiny(mode, "true").sysctl("net.ipv4.ip_forward", "1"), HANDLE + "|" + passedOver, step -> {
            String text = step.toString();
            if (text.matches(HANDLE)) { // the first is the handle, the second the container's /proc
                Step first = new Step.Call(instead);
                Step found = seen[0] ? step : first;
                seen[0] = true;
                return found;
            }
            return text.matches(OPEN) ? new Step.Call(follows) : Variant.NOTHING;
        });
    }

    private Path trap() throws Exception {
        Path trap = Files.writeString(directory.resolve("trap"), "untouched");
        return Files.setPosixFilePermissions(trap, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_06_what_is_no_proc_or_has_links_in_it_is_not_written_to(Mode mode) throws Exception {
        Path trap = trap();
        assertThatThrownBy(() -> misled(mode, "nothing else", trap).run(LIMIT))
                .isInstanceOf(LaunchException.class).hasMessageContaining("is a proc file system");
        Files.delete(directory.resolve("fake/sys/net/ipv4/ip_forward"));
        assertThatThrownBy(() -> misled(mode, CHECK, trap).run(LIMIT))
                .isInstanceOf(LaunchException.class).hasMessageContaining("sys/net/ipv4/ip_forward").hasMessageContaining("ELOOP");
        assertThat(trap).hasContent("untouched");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_06_without_the_control_the_write_goes_where_somebody_leads_it(Mode mode) throws Exception {
        Path trap = trap();
        assertThat(output(misled(mode, CHECK + "|" + OPEN, trap))).isEmpty();
        assertThat(trap).hasContent("1ntouched");
    }

    @Test
    void P_06_another_file_system_in_its_place_is_noticed() throws Exception {
        ContainerBuilder builder = tiny(Mode.here().get(0), "true").sysctl("net.ipv4.ip_forward", "1");
        int[] seen = {0};
        ContainerSpec wrong = Variant.of(builder, "fsopen\\(\"proc\".*", step -> seen[0]++ == 0
                ? new Step.Call(Syscall.of(
                        Sys.FSOPEN, Arg.str("tmpfs"), org.dolium.linux.MountFlags.FSOPEN_CLOEXEC))
                : step);
        assertThatThrownBy(() -> wrong.run(LIMIT))
                .isInstanceOf(LaunchException.class).hasMessageContaining("is a proc file system");
    }
}
