// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import org.dolium.linux.Errno;

/// What the kernel does about a system call; see seccomp(2), `SECCOMP_RET_*`.
///
/// @param value what the filter returns to the kernel: the action in the high 16 bits, its data in the low ones
public record SeccompAction(int value) {
    /// The call is made.
    public static final SeccompAction ALLOW = new SeccompAction(0x7fff0000);

    /// The call is made, and the kernel writes it to its audit log.
    public static final SeccompAction LOG = new SeccompAction(0x7ffc0000);

    /// All threads of the process end as if by `SIGSYS`.
    public static final SeccompAction KILL_PROCESS = new SeccompAction(0x80000000);

    /// The calling thread ends as if by `SIGSYS`.
    public static final SeccompAction KILL_THREAD = new SeccompAction(0);

    /// The call waits for the answer of a supervisor; without one it fails with `ENOSYS`. See seccomp_unotify(2).
    public static final SeccompAction USER_NOTIFY = new SeccompAction(0x7fc00000);

    private static final int MAX_ERRNO = 4095;
    private static final int DATA = 0xffff;
    private static final int ERRNO = 0x00050000;
    private static final int TRAP = 0x00030000;
    private static final int TRACE = 0x7ff00000;

    /// The call fails with `errno` and is not made.
    public static SeccompAction errno(Errno errno) {
        if (errno.value() < 0 || errno.value() > MAX_ERRNO) {
            throw new IllegalArgumentException("no errno: " + errno.value() + " is not from 0 to " + MAX_ERRNO);
        }
        return new SeccompAction(ERRNO | errno.value());
    }

    /// The thread gets `SIGSYS`, with `data`, from 0 to 65535, as its `si_errno`.
    public static SeccompAction trap(int data) {
        return withData(TRAP, data);
    }

    /// A tracer decides, and learns `data`, from 0 to 65535; without one the call fails with `ENOSYS`. See ptrace(2),
    /// `PTRACE_EVENT_SECCOMP`.
    public static SeccompAction trace(int data) {
        return withData(TRACE, data);
    }

    private static SeccompAction withData(int action, int data) {
        if ((data & ~DATA) != 0) {
            throw new IllegalArgumentException("data of a seccomp action is from 0 to 65535, not " + data);
        }
        return new SeccompAction(action | data);
    }

    /// Whether the call can be made after it: at once, or if a supervisor or tracer lets it.
    boolean mayLetThrough() {
        return (value & ~DATA) >= USER_NOTIFY.value;
    }

    /// Whether the call fails and is not made.
    public boolean isErrno() {
        return (value & ~DATA) == ERRNO;
    }

    /// What goes with the action: an errno, or what [#trap] and [#trace] were given.
    public int data() {
        return value & DATA;
    }

    /// Whether the call is made without asking anybody.
    public boolean isAllowed() {
        return (value & ~DATA) >= LOG.value;
    }

    @Override
    public String toString() {
        int data = value & DATA;
        return switch (value & ~DATA) {
            case 0x7fff0000 -> "allow";
            case 0x7ffc0000 -> "log";
            case 0x80000000 -> "kill process";
            case 0 -> "kill thread";
            case 0x7fc00000 -> "notify";
            case ERRNO -> new Errno(data).name();
            case TRAP -> "trap " + data;
            case TRACE -> "trace " + data;
            default -> "action " + Integer.toHexString(value);
        };
    }
}
