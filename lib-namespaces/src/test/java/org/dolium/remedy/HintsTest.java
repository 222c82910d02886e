// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.linux.Errno;
import org.dolium.process.LaunchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HintsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            execve("/bin/x", ["x"], [])                  | 2  | no such command
            execve("/bin/x", ["x"], [])                  | 13 | not executable
            execve("/bin/x", ["x"], [])                  | 8  | wrong architecture
            execve("/bin/x", ["x"], [])                  | 7  | too large
            fsopen("proc", FSOPEN_CLOEXEC)               | 1  | pid namespace
            setresuid(7, 7, 7)                           | 22 | subordinate ids
            setresgid(7, 7, 7)                           | 22 | subordinate ids
            open_tree(AT_FDCWD, "/x", OPEN_TREE_CLONE)   | 2  | on the host
            mkdirat($1, "x", 0755)                       | 30 | read-only root
            openat2($1, "x", {}, 24)                     | 40 | symbolic link
            openat2($1, "x", {}, 24)                     | 18 | out of the root
            chdir("/x")                                  | 2  | working directory
            prlimit64(0, RLIMIT_NOFILE, {}, NULL)        | 1  | CAP_SYS_RESOURCE
            write($7, "-500", 4)                         | 13 | oom_score_adj
            ioctl($10, SIOCSIFFLAGS, {ifr_name="lo"})    | 1  | CAP_NET_ADMIN
            seccomp(SECCOMP_SET_MODE_FILTER, 8, {})      | 16 | only one such filter
            recvmsg(SCM_RIGHTS [listener])               | 24 | ulimit -n
            write(5, "0", 1)                             | 13 | tasks file of its cgroup
            fsconfig($2, FSCONFIG_SET_STRING, "lowerdir", "/a,b", 0) | 22 | comma
            """)
    void a_call_and_its_errno_have_a_hint(String call, int errno, String hint) {
        assertThat(Hints.forCall(call, new Errno(errno), HostFiles.NONE)).contains(hint);
    }

    @Test
    void what_is_not_known_has_no_hint() {
        assertThat(Hints.forCall("fchdir($1)", Errno.EIO, HostFiles.NONE)).isEmpty();
        assertThat(Hints.forCall("execve(\"/x\", [], [])", Errno.EIO, HostFiles.NONE)).isEmpty();
        assertThat(Hints.forCall("clone3({})", Errno.EIO, HostFiles.NONE)).isEmpty();
        assertThat(Hints.forCall("fsconfig($2, FSCONFIG_SET_STRING, \"lowerdir\", \"/a\", 0)", Errno.EINVAL, HostFiles.NONE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1,forbidden", "11,limit of processes", "13,AppArmor", "22,kernel", "28,user.max_user_namespaces",
        "38,seccomp"})
    void every_reason_why_clone_fails_has_a_hint(int errno, String hint) {
        assertThat(Hints.forCall("clone3({})", new Errno(errno), HostFiles.NONE)).contains(hint);
    }

    @ParameterizedTest
    @CsvSource({"13,common ancestor", "16,only a leaf", "19,removed meanwhile", "95,cgroup.type", "11,pids.max", "1,forbidden"})
    void every_reason_why_a_child_is_not_born_into_a_cgroup_has_a_hint(int errno, String hint) {
        assertThat(Hints.forCall("clone3({flags=CLONE_VM|CLONE_INTO_CGROUP})", new Errno(errno), HostFiles.NONE))
                .contains(hint);
    }

    @Test
    void the_message_has_step_call_errno_and_hint() {
        LaunchException failure = new LaunchException(12, 31, "mount(\"proc\")", Errno.EPERM, "unmask it");
        assertThat(failure).hasMessage("launch step 12 of 31 failed: mount(\"proc\") = -1 EPERM\n  hint: unmask it");
        assertThat(failure.step()).isEqualTo(12);
        assertThat(new LaunchException(-1, 0, "clone3()", Errno.ENOSYS, ""))
                .hasMessage("launch failed: clone3() = -1 ENOSYS");
    }
}
