// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// A list of allowed devices that is in force for a directory of cgroup v2 and all below it.
///
/// The directory holds the program: it stays in force when this is closed, or when the JVM is killed, and goes when the
/// directory is removed. Programs of groups above it hold as well: a device must be allowed by all of them.
///
/// Each method takes the directory's descriptor, which stays the caller's; `O_PATH` is enough.
public final class AttachedProgram implements AutoCloseable {
    private Fd program;

    private AttachedProgram(Fd program) {
        this.program = program;
    }

    /// How many programs decide about devices in a directory, with those of the directories above; -1 if this process may not
    /// ask, or the kernel has none for cgroups.
    public static int count(Fd directory) {
        return Bpf.count(directory);
    }

    /// Puts a list in force.
    ///
    /// @throws ErrnoException if this process may not use eBPF, or the kernel has none for cgroups; the message has the
    ///         reason
    public static AttachedProgram attach(Fd directory, List<DeviceRule> rules) throws ErrnoException {
        Fd program = Bpf.load(DeviceProgram.compile(rules).bytes());
        try {
            Bpf.attach(directory, program, null);
            return new AttachedProgram(program);
        } catch (ErrnoException | RuntimeException | Error e) {
            program.close();
            throw e;
        }
    }

    /// Puts another list in force; there is no moment at which neither is. If it fails, the old list stays.
    public synchronized void replace(Fd directory, List<DeviceRule> rules) throws ErrnoException {
        Fd next = Bpf.load(DeviceProgram.compile(rules).bytes());
        try {
            exchange(directory, next);
        } catch (ErrnoException | RuntimeException | Error e) {
            next.close();
            throw e;
        }
        program.close();
        program = next;
    }

    /// A kernel before 5.6 does not know `BPF_F_REPLACE`. Two programs side by side allow what both allow.
    private void exchange(Fd directory, Fd next) throws ErrnoException {
        try {
            Bpf.attach(directory, next, program);
            return;
        } catch (ErrnoException e) {
            if (!e.errno().equals(Errno.EINVAL)) {
                throw e;
            }
        }
        exchangeByTwo(directory, next);
    }

    void exchangeByTwo(Fd directory, Fd next) throws ErrnoException {
        Bpf.attach(directory, next, null);
        try {
            Bpf.detach(directory, program);
        } catch (ErrnoException e) {
            Bpf.detach(directory, next);
            throw e;
        }
    }

    /// Ends the limit: the group may use what the groups above allow. To remove the directory does the same.
    public synchronized void detach(Fd directory) throws ErrnoException {
        Bpf.detach(directory, program);
        program.close();
    }

    /// Gives up the means to change the list, which stays in force.
    @Override
    public synchronized void close() {
        program.close();
    }

    /// For tests that ask the kernel about the program.
    synchronized Fd program() {
        return program;
    }
}
