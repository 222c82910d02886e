// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import java.lang.foreign.Arena;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;

/// Makes a child with clone3(2) that shares the JVM's memory until its execveat, and lists what it does before that.
///
/// The child may only change its own descriptor table and its own task: `dup3`, `close_range`, `execveat`,
/// `PR_SET_PDEATHSIG`, and, in a new user namespace, `capset` and raising ambient capabilities. Everything else would
/// change the JVM; [#add] refuses it. One object serves one thread.
public final class CloneStub {
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

    private static final int NUMBER = 64;
    private static final int THIRD = 72;

    private final Memory area = Memory.allocate(Arena.global(), 80);
    private final Memory cloneArgs = Memory.allocate(Arena.global(), CLONE_ARGS + 8);
    private final Memory stack = Memory.allocate(Arena.global(), STACK);
    private final Memory ops = Memory.allocate(Arena.global(), 56 * OPS);
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
        int at = 56 * count++;
        ops.putLong(at, sys.number(Native.ARCH));
        ops.putLong(at + 8, a);
        ops.putLong(at + 16, b);
        ops.putLong(at + 24, c);
        ops.putLong(at + 32, d);
        ops.putLong(at + 40, e);
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
    /// Where a filter of an outer container says that there is no clone3(2), as it can't look into its arguments, a child
    /// without namespaces is made by clone(2). That does not reset the child's signal handlers; but all signals are blocked
    /// in it until its program has none.
    ///
    /// @param namespaces the `CLONE_NEW*` flags
    /// @param cgroup a cgroup2 directory descriptor to start in, or -1
    /// @return the pid, or `-errno` of clone3
    public long cloneChild(long namespaces, int cgroup) {
        prepare(Sys.CLONE3);
        cloneArgs.clear();
        long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | namespaces;
        cloneArgs.putLong(0, cgroup >= 0 ? flags | CLONE_INTO_CGROUP : flags);
        cloneArgs.putLong(8, cloneArgs.address() + CLONE_ARGS);
        cloneArgs.putLong(32, SIGCHLD);
        cloneArgs.putLong(40, stack.address());
        cloneArgs.putLong(48, STACK);
        cloneArgs.putLong(80, Math.max(cgroup, 0));
        area.putLong(0, cloneArgs.address());
        area.putLong(8, CLONE_ARGS);
        long result = invoke();
        return result == -Errno.ENOSYS.value() && namespaces == 0 && cgroup < 0 ? cloneChildTheOldWay() : result;
    }

    private long cloneChildTheOldWay() {
        prepare(Sys.CLONE);
        area.putLong(0, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD);
        area.putLong(8, stack.address() + STACK);
        area.putLong(THIRD, cloneArgs.address() + CLONE_ARGS);
        return invoke();
    }

    private void prepare(Sys clone) {
        area.clear();
        area.putLong(NUMBER, clone.number(Native.ARCH));
        area.putLong(16, -1L);
        area.putLong(32, ops.address());
        area.putLong(40, count);
        area.putLong(48, -1L);
    }

    private long invoke() {
        return Native.invoke(Native.CLONE, area.address(), 0, 0, 0, 0, 0, 0);
    }

    /// The descriptor of the last child.
    public Fd pidfd() {
        return new Fd(cloneArgs.getInt(CLONE_ARGS));
    }

    /// Which call of the last child failed before the exec, or -1 if none did.
    public int failedIndex() {
        return (int) area.getLong(48);
    }

    /// The failed call as strace prints it.
    public String failedCall() {
        Sys sys = names[failedIndex()];
        if (sys == Sys.EXECVEAT) {
            return "execveat(launcher, \"\", [\"init\"], [], AT_EMPTY_PATH)";
        }
        StringBuilder out = new StringBuilder(sys.text()).append('(');
        for (int i = 1; i <= 5; i++) {
            out.append(i == 1 ? "" : ", ").append(ops.getLong(56 * failedIndex() + 8 * i));
        }
        return out.append(')').toString();
    }

    /// The failed call's `-errno`.
    public long failedResult() {
        return area.getLong(56);
    }
}
