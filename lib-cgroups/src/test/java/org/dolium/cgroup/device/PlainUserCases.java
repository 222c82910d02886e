// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What somebody without privileges is told; run by [PlainUserTest].
@ExtendWith(LeakCheck.class)
class PlainUserCases {
    @Test
    void a_plain_user_is_told_why_there_is_no_list() throws Exception {
        try (Fd directory = Fd.open("/", 0, 0)) {
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> AttachedProgram.attach(directory, DeviceRule.standard()))
                    .withMessage("bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=72}) = -1 EPERM\n  hint: eBPF"
                            + " needs root (CAP_BPF and CAP_NET_ADMIN in the first user namespace, and no seccomp filter"
                            + " against bpf); a rootless container has no device nodes of its own to open besides the"
                            + " bound ones")
                    .matches(e -> e.errno().equals(Errno.EPERM));
        }
    }

    /// To compile needs nothing.
    @Test
    void a_wrong_list_is_refused_before_anything_else() throws Exception {
        try (Fd directory = Fd.open("/", 0, 0)) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> AttachedProgram.attach(directory, List.copyOf(DeviceProgramTest.different(451))));
        }
    }
}
