// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.Map;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;

/// Calls that this JVM tries itself, because they change nothing.
final class KernelProbes {
    private static final int MFD_CLOEXEC_SEALING_EXEC = 0x13;
    private static final int SECCOMP_GET_ACTION_AVAIL = 2;
    private static final byte[] SECCOMP_RET_ERRNO = {0, 0, 5, 0};

    private KernelProbes() {}

    static void addTo(Map<Probe, Outcome> outcomes) {
        outcomes.put(Probe.MEMORY_FILE, memoryFile());
        outcomes.put(Probe.PIDFD, descriptor(Syscall.of(
                Sys.PIDFD_OPEN, Arg.num(ProcessHandle.current().pid()), Arg.num(0))));
        outcomes.put(Probe.SECCOMP, number(Syscall.of(
                Sys.SECCOMP, Arg.flags(SECCOMP_GET_ACTION_AVAIL, "SECCOMP_GET_ACTION_AVAIL"), Arg.num(0),
                new Arg.Bytes(SECCOMP_RET_ERRNO, "[SECCOMP_RET_ERRNO]"))));
        outcomes.put(Probe.LANDLOCK, number(Syscall.of(
                Sys.LANDLOCK_CREATE_RULESET, Arg.NULL, Arg.num(0), Arg.flags(1, "LANDLOCK_CREATE_RULESET_VERSION"))));
    }

    /// Kernels before 6.3 have no `MFD_EXEC`: every memory file is executable there.
    private static Outcome memoryFile() {
        Outcome outcome = descriptor(Syscall.of(
                Sys.MEMFD_CREATE, Arg.str("dolium"),
                Arg.flags(MFD_CLOEXEC_SEALING_EXEC, "MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC")));
        return outcome instanceof Outcome.Refused refused && refused.errno().equals(Errno.EINVAL)
                ? Outcome.WORKS
                : outcome;
    }

    private static Outcome descriptor(Syscall call) {
        try {
            Kernel.call(Sys.CLOSE, Kernel.perform(call));
            return Outcome.WORKS;
        } catch (ErrnoException e) {
            return new Outcome.Refused(e.call(), e.errno());
        }
    }

    private static Outcome number(Syscall call) {
        try {
            return new Outcome.Works(Long.toString(Kernel.perform(call)));
        } catch (ErrnoException e) {
            return new Outcome.Refused(e.call(), e.errno());
        }
    }
}
