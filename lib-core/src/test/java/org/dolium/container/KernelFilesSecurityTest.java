// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dolium.capability.Capability;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows S-18, S-19 and P-19 of the security matrix: the kernel's files in /proc and /sys. Nothing is ever written, as the
/// negative controls could: opening for writing, and making a directory, show enough.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class KernelFilesSecurityTest extends SecurityRows {
    /// What no container may ever write, whatever else there is.
    private static final List<String> NAMED = List.of(
            "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/sysrq",
            "/proc/sys/kernel/randomize_va_space", "/proc/sys/kernel/printk", "/proc/sys/kernel/panic",
            "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/proc/sys/kernel/threads-max",
            "/proc/sys/kernel/pid_max", "/proc/sys/kernel/hotplug", "/proc/sys/kernel/usermodehelper/bset",
            "/proc/sys/kernel/modules_disabled", "/proc/sys/kernel/kptr_restrict", "/proc/sys/kernel/dmesg_restrict",
            "/proc/sys/kernel/perf_event_paranoid", "/proc/sys/kernel/unprivileged_bpf_disabled",
            "/proc/sys/kernel/yama/ptrace_scope", "/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/msgmax",
            "/proc/sys/kernel/shmmax", "/proc/sys/kernel/sem", "/proc/sys/fs/binfmt_misc/register",
            "/proc/sys/fs/suid_dumpable", "/proc/sys/fs/file-max", "/proc/sys/fs/protected_symlinks",
            "/proc/sys/fs/mqueue/queues_max", "/proc/sys/fs/inotify/max_user_watches", "/proc/sys/vm/overcommit_memory",
            "/proc/sys/vm/drop_caches", "/proc/sys/vm/mmap_min_addr", "/proc/sys/vm/panic_on_oom",
            "/proc/sys/vm/memfd_noexec", "/proc/sys/vm/swappiness", "/proc/sys/vm/unprivileged_userfaultfd",
            "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
            "/proc/sys/net/core/somaxconn", "/proc/sys/net/core/bpf_jit_enable", "/proc/sys/user/max_user_namespaces",
            "/proc/sys/dev/tty/legacy_tiocsti", "/proc/sys/debug/exception-trace", "/proc/irq/0/smp_affinity",
            "/proc/irq/default_smp_affinity", "/proc/bus/pci/devices", "/proc/bus/input/devices", "/proc/fs/nfsd/threads",
            "/proc/fs/jbd2", "/proc/fs/ext4", "/proc/acpi/wakeup", "/proc/acpi/fan", "/proc/scsi/scsi",
            "/proc/asound/version", "/proc/dynamic_debug/control", "/proc/kcore", "/proc/kmsg", "/proc/mtrr", "/proc/slabinfo", "/proc/vmcore",
            "/sys/power/state", "/sys/power/disk", "/sys/kernel/mm/ksm/run", "/sys/kernel/mm/transparent_hugepage/enabled",
            "/sys/kernel/uevent_helper", "/sys/kernel/debug/sched/features", "/sys/kernel/tracing/tracing_on",
            "/sys/kernel/security/apparmor/.load", "/sys/kernel/profiling", "/sys/firmware/efi/efivars",
            "/sys/firmware/acpi/pm_profile", "/sys/fs/bpf", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/release_agent",
            "/sys/fs/selinux/load", "/sys/module/kernel/parameters/panic", "/sys/module/printk/parameters/time",
            "/sys/devices/virtual/powercap/intel-rapl/enabled", "/sys/devices/system/cpu/cpu0/uevent",
            "/sys/devices/system/memory/soft_offline_page", "/sys/bus/pci/rescan", "/sys/class/net/lo/mtu",
            "/sys/block");

    /// Prints what can be opened for writing, and the directories in which something can be made.
    private static final String WALK = """
            import errno, os, sys
            def attempt(path, directory):
                global tried
                tried += 1
                try:
                    if directory: os.mkdir(path + '/dolium-row'); os.rmdir(path + '/dolium-row')
                    else: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                    print(path, 'OPENED')
                except OSError as e:
                    if e.errno == errno.ENOENT and (directory or path in named) or not os.path.lexists(path): pass # it is gone
                    elif e.errno not in (errno.EROFS, errno.EACCES, errno.EPERM): print(path, errno.errorcode[e.errno])
            tried, named = 0, set(sys.argv[1:])
            for path in named: attempt(path, os.path.isdir(path))
            for top in ['/proc/' + n for n in os.listdir('/proc') if not n.isdigit()] + ['/sys']:
                if os.path.islink(top): continue
                if not os.path.isdir(top):
                    if os.stat(top).st_mode & 0o222: attempt(top, False)
                for parent, directories, files in os.walk(top):
                    attempt(parent, True)
                    for name in files:
                        try: mode = os.lstat(parent + '/' + name).st_mode
                        except FileNotFoundError: continue # the kernel takes files away, as of a mount that ends
                        if mode & 0o222: attempt(parent + '/' + name, False)
            print('tried', tried)
            """;

    /// Prints what can be read of each argument: a file's first byte, a directory's entries.
    private static final String READ = """
            import os, sys
            for path in sys.argv[1:]:
                try:
                    if os.path.isdir(path): print(path, 'entries', len(os.listdir(path)))
                    else:
                        with open(path, 'rb', 0) as f: print(path, 'bytes', len(f.read(1)))
                except OSError as e: print(path, 'error', e.errno)
            """;

    private static ContainerBuilder python(Mode mode, String script, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        command.addAll(arguments);
        return mode.apply(ContainerBuilder.create().command(command));
    }

    /// Each path with what came of it; `tried` with the number of attempts.
    private static Map<String, String> seen(ContainerSpec spec) throws Exception {
        Map<String, String> seen = new TreeMap<>();
        for (String line : output(spec).lines().toList()) {
            int space = line.indexOf(' ');
            seen.put(line.substring(0, space), line.substring(space + 1));
        }
        return seen;
    }

    private static void nothingIsWritable(Map<String, String> seen) {
        int tried = Integer.parseInt(String.valueOf(seen.remove("tried")));
        assertThat(tried).isGreaterThan(NAMED.size() + 200);
        // a masked file is the null device; /proc/pressure is each reader's own; /proc/mtrr asks for a capability later; nothing
        // can be written to /proc/slabinfo
        seen.entrySet().removeIf(entry -> entry.getValue().equals("OPENED")
                && (masked().contains(entry.getKey()) || entry.getKey().matches("/proc/(pressure/.*|mtrr|slabinfo)")));
        assertThat(seen).isEmpty();
    }

    private static List<String> masked() {
        return org.dolium.mount.Masks.standard(List.of()).files();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_18_no_file_of_the_kernel_can_be_written(Mode mode) throws Exception {
        assertThat(NAMED).hasSizeGreaterThan(60);
        nothingIsWritable(seen(python(mode, WALK, NAMED).build()));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_18_nor_with_the_capability_to_administrate(Mode mode) throws Exception {
        Map<String, String> seen = seen(python(mode, WALK, NAMED).addCapabilities(Capability.SYS_ADMIN).build());
        if (!HostProbe.host().kernelAtLeast(6, 9)) {
            seen.remove("/proc/kmsg"); // which can only be read: CAP_SYS_ADMIN was once enough for that
        }
        nothingIsWritable(seen);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_18_without_the_control_parameters_can_be_written(Mode mode) throws Exception {
        // what belongs to the container's own namespaces is writable for its root; the rest only for the host's
        Map<String, String> seen = seen(python(mode, WALK, NAMED).addCapabilities(Capability.NET_ADMIN)
                .withoutStandardMasks().build());
        open(seen, "/proc/sys/net/ipv4/ip_forward");
        if (mode == Mode.R) {
            open(seen, "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_18_without_one_control_that_path_can_be_written(Mode mode) throws Exception {
        if (mode != Mode.R) {
            return; // most files are the host root's
        }
        ContainerBuilder builder = python(mode, WALK, NAMED);
        open(seen(unprotected(builder, "proc/sys")), "/proc/sys/kernel/core_pattern");
        open(seen(unprotected(builder, "proc/irq")), "/proc/irq/default_smp_affinity");
        open(seen(unprotected(builder, "proc/sysrq-trigger")), "/proc/sysrq-trigger");
    }

    private static void open(Map<String, String> seen, String... paths) {
        for (String path : paths) {
            if (Files.exists(Path.of(path))) {
                assertThat(seen.get(path)).as(path).isEqualTo("OPENED");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_19_without_the_control_sysfs_can_be_written(Mode mode) throws Exception {
        ContainerBuilder builder = python(mode, WALK, NAMED);
        ContainerSpec weak = Variant.withArgument(
                builder, "fsmount\\(\\$\\d+, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY\\|MOUNT_ATTR_NOSUID.*", 2, Arg.num(0));
        // writable in a user namespace as well: what belongs to its own network
        assertThat(seen(weak).keySet()).anyMatch(path -> path.startsWith("/sys/"));
    }

    /// The openat2 of the path finds nothing, and all that depends on it is left out.
    private static ContainerSpec unprotected(ContainerBuilder builder, String path) throws Exception {
        return Variant.of(builder, "openat2\\([^,]*, \"" + path + "\".*", step -> new Step.Call(
                Syscall.of(Sys.CLOSE, Arg.num(-1)), List.of(Errno.EBADF), Step.Call.ANY, false));
    }

    private static List<String> hidden() {
        List<String> all = new ArrayList<>(masked());
        all.addAll(org.dolium.mount.Masks.standard(List.of()).directories());
        return all;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_19_what_tells_about_the_host_reads_as_empty(Mode mode) throws Exception {
        Map<String, String> seen = seen(python(mode, READ, hidden()).build());
        assertThat(seen).hasSize(hidden().size());
        seen.forEach((path, what) -> {
            boolean there = Files.exists(Path.of(path));
            String empty = masked().contains(path) ? "bytes 0" : "entries 0";
            assertThat(what).as(path).isEqualTo(there ? empty : "error " + Errno.ENOENT.value());
        });
        assertThat(seen.values()).contains("bytes 0", "entries 0");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_19_without_one_control_that_path_tells(Mode mode) throws Exception {
        int told = 0;
        for (String path : hidden()) {
            ContainerBuilder builder = python(mode, READ, List.of(path));
            String what = String.valueOf(seen(unprotected(builder, path.substring(1))).get(path));
            assertThat(what.equals("error 2")).as(path).isEqualTo(!Files.exists(Path.of(path)));
            told += what.equals("bytes 1") || what.startsWith("entries ") && !what.endsWith(" 0") ? 1 : 0;
        }
        assertThat(told).isPositive();
    }
}
