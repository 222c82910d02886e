// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.dolium.linux.Sys;

/// Makes a child with clone3(2) that shares the JVM's memory until its execveat, and lists what it does before that.
///
/// The child may only change its own descriptor table and its own task: `dup3`, `close_range`, `execveat`,
/// `PR_SET_PDEATHSIG`, and, in a new user namespace, `capset` and raising ambient capabilities. Everything else would
/// change the JVM; [#add] refuses it. One object serves one thread.
public final class CloneStub {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    private static final int OPS = 96;
    private static final int STACK = 16384;
    private static final int CLONE_ARGS = 88;

    private static final long CLONE_VM = 0x100;
    private static final long CLONE_VFORK = 0x4000;
    private static final long CLONE_PIDFD = 0x1000;
    private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
    private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;
    private static final long SIGCHLD = 17;
    private static final long PR_SET_PDEATHSIG = 1;
    private static final long PR_CAP_AMBIENT = 47;

    private final MemorySegment area = Arena.global().allocate(64, 16);
    private final MemorySegment cloneArgs = Arena.global().allocate(CLONE_ARGS + 8, 16);
    private final MemorySegment stack = Arena.global().allocate(STACK, 16);
    private final MemorySegment ops = Arena.global().allocate(56L * OPS, 16);
    private final MemorySegment pidfd = cloneArgs.asSlice(CLONE_ARGS, 8);
    private final Sys[] names = new Sys[OPS];
    private int count;

    /// Forgets the calls of the last child.
    public void reset() {
        count = 0;
    }

    /// Appends a call for the child to make before it leaves the JVM's memory.
    ///
    /// @throws IllegalArgumentException for a call that would change the JVM
    public void add(Sys sys, long a, long b, long c, long d, long e) {
        if (!harmless(sys, a)) {
            throw new IllegalArgumentException(sys.text() + " in a child that shares the JVM's memory changes the JVM");
        }
        if (count == OPS) {
            throw new IllegalArgumentException("more than " + OPS + " calls before execveat");
        }
        names[count] = sys;
        long at = 56L * count++;
        ops.set(WORD, at, sys.number(Native.ARCH));
        ops.set(WORD, at + 8, a);
        ops.set(WORD, at + 16, b);
        ops.set(WORD, at + 24, c);
        ops.set(WORD, at + 32, d);
        ops.set(WORD, at + 40, e);
    }

    private static boolean harmless(Sys sys, long a) {
        return switch (sys) {
            case DUP3, CLOSE_RANGE, EXECVEAT, CAPSET -> true;
            case PRCTL -> a == PR_SET_PDEATHSIG || a == PR_CAP_AMBIENT;
            default -> false;
        };
    }

    /// Makes the child and returns when it has left the JVM's memory.
    ///
    /// @param namespaces the `CLONE_NEW*` flags
    /// @param cgroup a cgroup2 directory descriptor to start in, or -1
    /// @return the pid, or `-errno` of clone3
    public long cloneChild(long namespaces, int cgroup) {
        area.fill((byte) 0);
        cloneArgs.fill((byte) 0);
        long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | namespaces;
        cloneArgs.set(WORD, 0, cgroup >= 0 ? flags | CLONE_INTO_CGROUP : flags);
        cloneArgs.set(WORD, 8, pidfd.address());
        cloneArgs.set(WORD, 32, SIGCHLD);
        cloneArgs.set(WORD, 40, stack.address());
        cloneArgs.set(WORD, 48, STACK);
        cloneArgs.set(WORD, 80, Math.max(cgroup, 0));
        area.set(WORD, 0, cloneArgs.address());
        area.set(WORD, 8, CLONE_ARGS);
        area.set(WORD, 16, -1L);
        area.set(WORD, 32, ops.address());
        area.set(WORD, 40, count);
        area.set(WORD, 48, -1L);
        return Native.invoke(Native.CLONE, area.address(), 0, 0, 0, 0, 0, 0);
    }

    /// The descriptor of the last child.
    public Fd pidfd() {
        return new Fd(pidfd.get(ValueLayout.JAVA_INT, 0));
    }

    /// Which call of the last child failed before the exec, or -1 if none did.
    public int failedIndex() {
        return (int) area.get(WORD, 48);
    }

    /// The failed call as strace prints it.
    public String failedCall() {
        Sys sys = names[failedIndex()];
        if (sys == Sys.EXECVEAT) {
            return "execveat(launcher, \"\", [\"init\"], [], AT_EMPTY_PATH)";
        }
        StringBuilder out = new StringBuilder(sys.text()).append('(');
        for (int i = 1; i <= 5; i++) {
            out.append(i == 1 ? "" : ", ").append(ops.get(WORD, 56L * failedIndex() + 8L * i));
        }
        return out.append(')').toString();
    }

    /// The failed call's `-errno`.
    public long failedResult() {
        return area.get(WORD, 56);
    }
}
