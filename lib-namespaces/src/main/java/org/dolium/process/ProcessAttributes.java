// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.nio.charset.StandardCharsets;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// Single attributes of a process and their steps.
public final class ProcessAttributes {
    private static final int NAME_MAX = 64;
    /// Linux's own default. Zero would mean the default of this thread, which it inherited.
    private static final long TIMER_SLACK_NANOS = 50_000;
    private static final int PATH_MAX = 4096;
    private static final long O_WRONLY_CLOEXEC = 0x80001;

    private ProcessAttributes() {}

    /// Sets what a process inherits from the JVM's thread to the system's defaults: nice value, timer slack, personality,
    /// transparent huge pages. The nice value stays where lowering it is not permitted. Processor affinity is the JVM's.
    public static void lowerInherited(PlanBuilder plan) {
        plan.addTolerant(
                Syscall.of(Sys.SETPRIORITY, Arg.flags(0, "PRIO_PROCESS"), Arg.num(0), Arg.num(0)),
                Errno.EACCES,
                Errno.EPERM);
        plan.add(Sys.PERSONALITY, Arg.flags(0, "PER_LINUX"));
        plan.add(Sys.PRCTL, Arg.flags(29, "PR_SET_TIMERSLACK"), Arg.num(TIMER_SLACK_NANOS));
        plan.add(Sys.PRCTL, Arg.flags(41, "PR_SET_THP_DISABLE"), Arg.num(0), Arg.num(0), Arg.num(0), Arg.num(0));
    }

    /// Writes `/proc/self/oom_score_adj` of the host's /proc, which must not have been left yet.
    public static void lowerOomScoreAdj(PlanBuilder plan, int value) {
        byte[] text = Integer.toString(value).getBytes(StandardCharsets.US_ASCII);
        Arg.Result file = plan.add(
                Sys.OPENAT,
                Arg.AT_FDCWD,
                Arg.str("/proc/self/oom_score_adj"),
                Arg.flags(O_WRONLY_CLOEXEC, "O_WRONLY|O_CLOEXEC"));
        plan.addExact(Syscall.of(Sys.WRITE, file, Arg.str(text), Arg.num(text.length)), text.length);
        plan.add(Sys.CLOSE, file);
    }

    public static void lowerHostname(PlanBuilder plan, String name) {
        byte[] bytes = checkedName(name);
        plan.add(Sys.SETHOSTNAME, Arg.str(bytes), Arg.num(bytes.length));
    }

    public static void lowerDomainname(PlanBuilder plan, String name) {
        byte[] bytes = checkedName(name);
        plan.add(Sys.SETDOMAINNAME, Arg.str(bytes), Arg.num(bytes.length));
    }

    /// The bytes of a host or domain name.
    ///
    /// @throws IllegalArgumentException if it is empty or longer than 64 bytes
    public static byte[] checkedName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > NAME_MAX || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("name '" + name.replace('\0', '?') + "' is not 1 to 64 bytes without NUL");
        }
        return bytes;
    }

    /// Enters the working directory, and makes sure that it lies below the root: the kernel gives a path that starts
    /// with `(unreachable)` for one that does not.
    public static void lowerWorkingDirectory(PlanBuilder plan, String path) {
        plan.add(Sys.CHDIR, Arg.str(path));
        Arg.Result length =
                plan.add(Sys.GETCWD, new Arg.Buffer(PATH_MAX, new byte[0], "[path]"), Arg.num(PATH_MAX));
        plan.expect(length, 0, 0, 0xff, '/', "starts with /");
    }
}
