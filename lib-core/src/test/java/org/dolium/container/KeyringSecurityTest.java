// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Row C-08 of the security matrix: keys. Nothing of it depends on a system call filter: that would deny keyctl(2) alone,
/// so the containers here have none.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class KeyringSecurityTest extends SecurityRows {
    private static final int JOIN_SESSION_KEYRING = 1;
    private static final String SECRET = "dolium-row-c-08";
    private static final String CALLS = "import ctypes, sys\n"
            + "libc = ctypes.CDLL(None, use_errno=True)\n"
            + "def keyctl(*a): return libc.syscall(" + Sys.KEYCTL.number(Kernel.ARCH) + ", *a)\n"
            + "def add_key(*a): return libc.syscall(" + Sys.ADD_KEY.number(Kernel.ARCH) + ", *a)\n";
    private static final String SEARCH = CALLS + "print(keyctl(10, -3, b'user', b'" + SECRET + "', 0) > 0)";
    private static final String HAVE_ONE = CALLS
            + "print(keyctl(0, -3, 1), add_key(b'user', b'" + SECRET + "', b'x', 1, -3), flush=True)\nsys.stdin.read()";
    /// Can anything be done with the other container's keyring, the first argument, or key, the second?
    private static final String REACH = CALLS + "ring, key = int(sys.argv[1]), int(sys.argv[2])\n"
            + "print([keyctl(11, ring, 0, 0) >= 0, keyctl(6, ring, 0, 0) >= 0, keyctl(10, ring, b'user', b'" + SECRET
            + "', 0) > 0, keyctl(11, key, 0, 0) >= 0, keyctl(8, key, -3) >= 0])";

    private static ContainerBuilder python(Mode mode, String... command) {
        String[] all = new String[command.length + 2];
        all[0] = "python3";
        all[1] = "-c";
        System.arraycopy(command, 0, all, 2, command.length);
        return mode.apply(ContainerBuilder.create().seccomp(SeccompProfile.unconfined()).command(all));
    }

    /// Runs a container as the child of a thread whose session keyring has a key. Keyrings belong to threads, so nothing
    /// is left when the thread has ended.
    private static String withKey(ContainerSpec spec) throws Exception {
        return withKey(() -> output(spec));
    }

    private static String withKey(Callable<String> work) throws Exception {
        FutureTask<String> task = new FutureTask<>(() -> {
            Kernel.check(Kernel.call(Sys.KEYCTL, JOIN_SESSION_KEYRING, 0, 0), "keyctl");
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment description = arena.allocateFrom(SECRET);
                Kernel.check(
                        Kernel.call(
                                Sys.ADD_KEY, arena.allocateFrom("user").address(), description.address(),
                                description.address(), 1, -3, 0),
                        "add_key");
            }
            return work.call();
        });
        Thread thread = new Thread(task, "with-a-key");
        thread.start();
        String seen = task.get();
        thread.join();
        return seen;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_08_the_jvms_keys_are_not_found(Mode mode) throws Exception {
        ContainerBuilder builder = python(mode, SEARCH);
        assertThat(builder.build().reductions()).noneMatch(text -> text.contains("keyring"));
        assertThat(withKey(builder.build())).isEqualTo("False\n");
    }

    private static String searchedByExec(Mode mode, boolean changed) throws Exception {
        try (Container container = python(mode, "import sys; sys.stdin.read()").start()) {
            ExecBuilder search = container.exec("python3", "-c", SEARCH);
            return withKey(() -> (changed ? ExecVariant.without(search, "keyctl\\(.*") : search).run(LIMIT).stdout());
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_a_further_command_does_not_find_the_jvms_keys(Mode mode) throws Exception {
        assertThat(searchedByExec(mode, false)).isEqualTo("False\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_without_the_control_it_finds_them(Mode mode) throws Exception {
        assertThat(searchedByExec(mode, true)).isEqualTo("True\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_08_without_the_control_they_are(Mode mode) throws Exception {
        assertThat(withKey(Variant.without(python(mode, SEARCH), "keyctl\\(.*"))).isEqualTo("True\n");
        assertThat(withKey(python(mode, SEARCH).inheritSessionKeyring().build())).isEqualTo("True\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_08_containers_of_the_same_user_cannot_reach_each_others_keys(Mode mode) throws Exception {
        assertThat(reach(mode, python(mode, HAVE_ONE).build())).isEqualTo("[False, False, False, False, False]\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_08_without_the_control_the_same_user_reads_the_keyring(Mode mode) throws Exception {
        ContainerSpec weak = Variant.without(python(mode, HAVE_ONE), "keyctl\\(KEYCTL_SETPERM.*");
        assertThat(reach(mode, weak)).isEqualTo("[True, True, False, False, False]\n");
    }

    private static String reach(Mode mode, ContainerSpec owner) throws Exception {
        try (Container first = owner.start();
                BufferedReader reader = first.process().inputReader()) {
            String[] serials = reader.readLine().split(" ");
            return output(python(mode, REACH, serials[0], serials[1]));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_08_a_failure_ends_the_launch(Mode mode) throws Exception {
        assertThatThrownBy(() -> Variant.failing(python(mode, SEARCH), "keyctl\\(.*").run(LIMIT))
                .isInstanceOf(LaunchException.class);
    }
}
