// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.dolium.capability.CapabilitySets;
import org.dolium.capability.Capability;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.confinement.Landlock;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.Canary;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers without namespaces, attacked; run once more by a user who can't make any. Each attack succeeds where the rule
/// that stops it is left out.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class WithoutNamespacesTest extends SecurityRows {
    private static final String RULES = "landlock_restrict_self\\(.*";
    private static final String ATTEMPT = """
            import ctypes, os, socket, signal, sys, resource
            libc = ctypes.CDLL(None, use_errno=True)
            def attempt(what, action):
                try: print(what, 'done', action() and '' or '')
                except OSError as e: print(what, e.strerror)
            def call(*arguments):
                if libc.syscall(*arguments) < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            """;

    private Path work;
    private Path closed;
    private Process victim;

    @BeforeEach
    void prepare() throws Exception {
        MustRun.require(version() >= 6, "Landlock for signals, Linux 6.12");
        work = Files.createDirectory(directory.resolve("work"));
        closed = Files.createDirectory(directory.resolve("closed"));
        Files.writeString(closed.resolve("file"), Canary.SECRET);
        victim = new ProcessBuilder("sleep", "1000").start();
    }

    @AfterEach
    void the_victim_lives() {
        assertThat(victim.isAlive()).isTrue();
        victim.destroyForcibly();
    }

    private static int version() {
        return (int) Math.max(0, Kernel.call(Sys.LANDLOCK_CREATE_RULESET, 0, 0, 1));
    }

    private static Landlock programs() {
        return Landlock.create().execute("/usr", "/lib", "/lib64", "/bin");
    }

    private Landlock rules() {
        return programs().readOnly("/proc").readWrite(work.toString(), "/dev/null");
    }

    private ContainerBuilder alone(String... command) {
        return ContainerBuilder.create().withoutNamespaces().landlock(rules()).command(command);
    }

    private ContainerBuilder python(String script) {
        return alone("python3", "-S", "-c", ATTEMPT + script); // without what the machine adds, which may be a link to /etc
    }

    private static boolean plain() {
        return ProcessStatus.self().effectiveUid() != 0;
    }

    private static boolean possible() throws Exception {
        return !Files.readString(Path.of("/proc/sys/user/max_user_namespaces")).trim().equals("0");
    }

    @Test
    void its_calls_come_to_handlers() throws Exception {
        List<String> seen = new java.util.ArrayList<>();
        ContainerBuilder builder = alone("mkdir", work + "/made").onSyscall("mkdir", call -> {
            seen.add(call.string(0));
            return call.proceed();
        });
        assertThat(output(builder)).isEmpty();
        assertThat(seen).containsExactly(work + "/made");
        assertThat(work.resolve("made")).isDirectory();
    }

    @Test
    void O_07_without_user_namespaces_it_is_not_chosen_by_itself() throws Exception {
        ContainerBuilder usual = ContainerBuilder.create().command("echo", "ran");
        if (possible()) {
            assertThat(output(usual)).isEqualTo("ran\n");
        } else {
            assertThatThrownBy(() -> usual.run(LIMIT)).isInstanceOf(LaunchException.class).hasMessageContaining("clone3(")
                    .hasMessageContaining("ENOSPC");
        }
        assertThat(output(alone("echo", "ran"))).isEqualTo("ran\n");
    }

    @Test
    void nothing_is_made_or_mounted() throws Exception {
        String plan = alone("true").explain();
        assertThat(plan).contains("landlock_restrict_self(", "PR_SET_NO_NEW_PRIVS", "seccomp(", "KEYCTL_JOIN_SESSION_KEYRING")
                .doesNotContain("CLONE_NEW", "mount", "pivot_root", "unshare", "setns");
        for (NamespaceKind kind : NamespaceKind.values()) {
            String link = "/proc/self/ns/" + kind.procName();
            assertThat(output(alone("readlink", link)).trim()).isEqualTo(Files.readSymbolicLink(Path.of(link)).toString());
        }
    }

    @Test
    void it_is_the_jvms_user_and_gains_nothing() throws Exception {
        ProcessStatus status = ProcessStatus.parse(output(alone("cat", "/proc/self/status")));
        ProcessStatus own = ProcessStatus.self();
        assertThat(status.field("Uid")).isEqualTo(own.field("Uid"));
        assertThat(status.field("NoNewPrivs")).isEqualTo("1");
        assertThat(status.field("Seccomp")).isEqualTo("2");
        if (own.effectiveUid() != 0) {
            assertThat(status.mask("CapEff") | status.mask("CapPrm") | status.mask("CapInh") | status.mask("CapAmb")).isZero();
            assertThat(status.mask("CapBnd")).isEqualTo(own.mask("CapBnd"));
        }
    }

    private ContainerBuilder files() {
        return alone("sh", "-c", "cd " + closed + "; cat file; ls; echo x >> file; true > new; rm file; mv file " + work + "; ln file "
                + work + "/link; mkdir dir; echo x > " + work + "/mine && cat " + work + "/mine");
    }

    @Test
    void files_that_are_not_listed_are_neither_read_nor_written() throws Exception {
        Result result = files().run(LIMIT);
        assertThat(result.stdout()).isEqualTo("x\n");
        assertThat(result.stderr().lines()).hasSizeGreaterThan(6).allMatch(line -> line.contains("Permission denied")
                || line.contains("Invalid cross-device link"));
        assertThat(closed.resolve("file")).hasContent(Canary.SECRET);
        assertThat(closed.toFile().list()).containsExactly("file");
    }

    @Test
    void without_the_rules_they_are() throws Exception {
        String seen = Variant.without(files(), RULES).run(LIMIT).stdout();
        assertThat(seen).startsWith(Canary.SECRET).contains("file\n");
        assertThat(closed.toFile().list()).contains("new", "dir").doesNotContain("file");
    }

    private ContainerBuilder processes() {
        long pid = victim.pid();
        return python("""
                attempt('signal', lambda: os.kill(%1$d, 0))
                attempt('environment', lambda: open('/proc/%1$d/environ').read())
                attempt('memory', lambda: open('/proc/%1$d/mem', 'rb'))
                attempt('trace', lambda: call(101, 16, %1$d, 0, 0))
                attempt('own', lambda: os.kill(os.getpid(), 0))
                """.formatted(pid));
    }

    @Test
    void processes_outside_are_neither_signalled_nor_traced_nor_read() throws Exception {
        MustRun.require(Kernel.ARCH == org.dolium.linux.Arch.X86_64, "the number of ptrace(2)");
        assertThat(output(processes()).lines().map(String::trim)).containsExactly(
                "signal Operation not permitted", "environment Permission denied",
                "memory Permission denied", "trace Operation not permitted", "own done");
    }

    @Test
    void without_the_rules_they_are_signalled_and_read() throws Exception {
        assertThat(output(Variant.without(processes(), RULES)).lines().map(String::trim)).contains("signal done", "own done")
                .contains(plain() ? "environment done" : "own done"); // the host's root has more capabilities than its container
    }

    @Test
    void abstract_sockets_outside_are_out_of_reach() throws Exception {
        String name = "dolium-test-" + victim.pid();
        Process server = new ProcessBuilder("python3", "-c", "import socket, sys; s = socket.socket(socket.AF_UNIX);"
                + " s.bind('\\0" + name + "'); s.listen(); print('ready', flush=True); sys.stdin.read()").start();
        try {
            assertThat(server.inputReader().readLine()).isEqualTo("ready");
            ContainerBuilder client = python("attempt('connect', lambda: socket.socket(socket.AF_UNIX).connect('\\0" + name + "'))");
            assertThat(output(client)).startsWith("connect Address family not supported");
            client.seccomp(SeccompProfile.standard()); // Landlock alone
            assertThat(output(client)).startsWith("connect Operation not permitted");
            assertThat(output(Variant.without(client, RULES))).startsWith("connect done");
        } finally {
            server.getOutputStream().close();
            server.waitFor();
        }
    }

    /// A user's session bus starts any program for who can connect to it.
    @Test
    void nobody_who_listens_on_a_local_socket_is_reached() throws Exception {
        Path path = closed.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            ContainerBuilder client = python("attempt('connect', lambda: socket.socket(socket.AF_UNIX).connect('" + path + "'))");
            assertThat(output(client)).startsWith("connect Address family not supported");
            client.seccomp(SeccompProfile.standard());
            assertThat(output(client)).startsWith("connect done"); // which reductions tell
            assertThat(client.build().reductions()).anyMatch(text -> text.contains("may allow local sockets"));
        }
    }

    @Test
    void tcp_ports_that_are_not_listed_are_neither_bound_nor_connected_to() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            ContainerBuilder client = python("""
                    attempt('connect', lambda: socket.socket().connect(('127.0.0.1', %d)))
                    attempt('bind', lambda: socket.socket().bind(('127.0.0.1', 0)))
                    """.formatted(server.getLocalPort()));
            assertThat(output(client)).startsWith("connect done").contains("bind done");
            assertThat(client.build().reductions()).anyMatch(text -> text.contains("any TCP port"));
            client.landlock(rules().connectTcp().bindTcp());
            assertThat(output(client)).isEqualTo("connect Permission denied\nbind Permission denied\n");
            assertThat(client.build().reductions()).noneMatch(text -> text.contains("any TCP port"));
        }
    }

    private ContainerBuilder calls() {
        return python("""
                attempt('mode', lambda: os.chmod('%2$s', 0o777))
                attempt('times', lambda: os.utime('%2$s', (1, 1)))
                attempt('attribute', lambda: os.setxattr('%2$s', 'user.x', b'x'))
                attempt('limit', lambda: resource.prlimit(%1$d, resource.RLIMIT_NOFILE, (64, 64)))
                attempt('priority', lambda: os.setpriority(os.PRIO_PROCESS, %1$d, 5))
                attempt('processors', lambda: os.sched_setaffinity(%1$d, {0}))
                attempt('session', lambda: os.setsid())
                attempt('own limit', lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
                """.formatted(victim.pid(), closed.resolve("file")));
    }

    @Test
    void what_landlock_does_not_know_of_the_filter_forbids() throws Exception {
        String seen = output(calls());
        assertThat(seen.lines().map(String::trim)).hasSize(8).last().isEqualTo("own limit done");
        assertThat(seen.lines().limit(7)).allMatch(line -> line.endsWith("Operation not permitted"));
        assertThat(Files.getPosixFilePermissions(closed.resolve("file"))).isNotEqualTo(PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(Files.getLastModifiedTime(closed.resolve("file")).toMillis()).isGreaterThan(1000);
    }

    @Test
    void without_that_filter_it_is_done_and_reductions_say_so() throws Exception {
        ContainerBuilder weak = calls().seccomp(SeccompProfile.standard());
        assertThat(output(weak)).contains("mode done", "times done", "limit done")
                .contains(plain() ? List.of("priority done", "processors done") : List.of("limit done"));
        assertThat(Files.getPosixFilePermissions(closed.resolve("file"))).isEqualTo(PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(weak.build().reductions()).anyMatch(text -> text.contains("allows chmod")).anyMatch(text -> text.contains("allows setsid"));
        assertThat(calls().build().reductions()).noneMatch(text -> text.contains("allows "));
    }

    @Test
    void through_a_descriptor_modes_of_files_that_may_only_be_read_can_be_changed_and_reductions_say_so() throws Exception {
        Path file = closed.resolve("file");
        ContainerBuilder builder = python("attempt('mode', lambda: os.fchmod(os.open('" + file + "', os.O_RDONLY), 0o777))\n")
                .landlock(rules().readOnly(closed.toString()));
        assertThat(output(builder).trim()).isEqualTo("mode done");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(builder.build().reductions()).anyMatch(text -> text.contains("through a descriptor (fchmod"));
    }

    /// Whoever inherits the dead may take its time to wait for them.
    private static boolean alive(String pid) {
        try {
            return !Files.readString(Path.of("/proc", pid.trim(), "stat")).contains(") Z ");
        } catch (IOException e) {
            return false; // gone, or while it was read
        }
    }

    @Test
    void what_the_command_leaves_behind_ends_with_it() throws Exception {
        for (String script : List.of("sleep 1000 > /dev/null 2>&1 & echo $!", "(sh -c 'sleep 1000; sleep 1000' > /dev/null 2>&1 & echo $!)",
                "setsid sleep 1000 > /dev/null 2>&1 & echo $!")) {
            String pid = alone("sh", "-c", script).run(LIMIT).stdout();
            Await.that(script + " ends with it", () -> !alive(pid));
        }
    }

    /// A session of its own is what the filter forbids.
    @Test
    void without_the_filter_it_stays_unless_there_is_a_cgroup() throws Exception {
        String script = "echo $(setsid sh -c 'echo $$; exec sleep 1000 > /dev/null 2>&1' &)"; // until it is in a session of its own
        String pid = alone("sh", "-c", script).seccomp(SeccompProfile.standard()).cgroup(CgroupPlacement.none()).run(LIMIT).stdout();
        assertThat(alive(pid)).isTrue();
        ProcessHandle.of(Long.parseLong(pid.trim())).orElseThrow().destroyForcibly();
    }

    @Test
    void it_tells_in_what_it_is_weaker() throws Exception {
        try (Container container = alone("sleep", "100").start()) {
            assertThat(container.reductions()).anyMatch(text -> text.startsWith("no namespaces: it is user "))
                    .anyMatch(text -> text.startsWith("no network of its own")).anyMatch(text -> text.startsWith("no pid namespace"));
            assertThat(container.security().isContainer()).isFalse();
            assertThat(container.security().weaknesses()).anyMatch(weakness -> weakness.what().contains("mount namespace"));
        }
        assertThat(alone("true").seccomp(SeccompProfile.unconfined()).build().reductions())
                .anyMatch(text -> text.startsWith("no system call filter"));
    }

    @Test
    void what_needs_a_namespace_is_an_error() throws Exception {
        List<ContainerBuilder> wrong = List.of(
                alone("true").rootfs(Rootfs.directory(root)), alone("true").tmpfs("/tmp"), alone("true").bind(work, "/mnt"),
                alone("true").hostname("box"), alone("true").network(Network.none()), alone("true").maskPath("/proc/keys"),
                alone("true").readOnlyPath("/etc"), alone("true").noNewPrivileges(false), alone("true").sysctl("net.ipv4.ip_forward", "1"),
                alone("true").userNamespace(UserNamespace.single()),
                alone("true").namespace(NamespaceKind.NET, NamespaceMode.host()),
                alone("true").landlock(Landlock.create().connectTcp()),
                ContainerBuilder.create().withoutNamespaces().command("true"));
        for (ContainerBuilder builder : wrong) {
            assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class);
        }
        if (plain()) {
            assertThatThrownBy(alone("true").user("0:0")::build)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is the JVM's user");
            assertThatThrownBy(alone("true").capabilities(CapabilitySets.none().plusAmbient(Capability.CHOWN))::build)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("has no capabilities");
        }
        assertThat(victim.isAlive()).isTrue();
    }
}
