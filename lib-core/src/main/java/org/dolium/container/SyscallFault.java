// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A fault that a test injects into a container's system calls, and into which of them; see [ContainerBuilder#failSyscall].
///
/// Every call by any process of the container counts, from the command's first one on. Without further words the fault happens
/// at each; what is called last counts.
public final class SyscallFault {
    /// Says which calls are meant.
    @FunctionalInterface
    public interface Condition {
        /// @throws Exception as in [SyscallHandler#handle]
        boolean test(InterceptedSyscall call) throws Exception;
    }

    private final ContainerBuilder builder;
    final String name;
    final @Nullable SyscallAnswer answer;
    final @Nullable Duration delay;
    private long first = 1;
    private long last = Long.MAX_VALUE;
    private long step = 1;
    @Nullable Condition condition;

    SyscallFault(ContainerBuilder builder, String name, @Nullable SyscallAnswer answer, @Nullable Duration delay) {
        this.builder = builder;
        this.name = name;
        this.answer = answer;
        this.delay = delay;
    }

    /// Only calls for which this holds are meant and counted. It is asked on the thread of the handlers, and what is said there
    /// about reading memory, throwing and waiting goes for it too.
    ///
    /// ```java
    /// builder.failSyscall("fsync", Errno.EIO).where(call -> call.file(0).endsWith("/journal")).every(10)
    /// ```
    public SyscallFault where(Condition condition) {
        this.condition = condition;
        return this;
    }

    /// Each time.
    public ContainerBuilder always() {
        return when(1, Long.MAX_VALUE, 1);
    }

    /// The first time only.
    public ContainerBuilder once() {
        return first(1);
    }

    /// The first `count` times.
    public ContainerBuilder first(long count) {
        return when(1, count, 1);
    }

    /// Only the `count`-th time.
    public ContainerBuilder nth(long count) {
        return when(count, count, 1);
    }

    /// Each time but the first `count` ones.
    public ContainerBuilder after(long count) {
        return when(Math.addExact(count, 1), Long.MAX_VALUE, 1);
    }

    /// The `count`-th time, the 2 · `count`-th time, and so on.
    public ContainerBuilder every(long count) {
        return when(count, Long.MAX_VALUE, count);
    }

    /// The `first` time, then each `step`-th after it, up to the `last`: `when=first..last+step` of strace(1).
    ///
    /// @param first counted from 1
    public ContainerBuilder when(long first, long last, long step) {
        if (first < 1 || last < first || step < 1) {
            throw new IllegalArgumentException(
                    "when " + first + ".." + last + "+" + step + " is never: calls are counted from 1");
        }
        this.first = first;
        this.last = last;
        this.step = step;
        return builder;
    }

    /// Whether it is the turn of the `count`-th call.
    boolean concerns(long count) {
        return count >= first && count <= last && (count - first) % step == 0;
    }

    /// Whether it concerns every call.
    boolean isUnconditional() {
        return first == 1 && last == Long.MAX_VALUE && step == 1 && condition == null;
    }

    /// A copy that later changes do not reach.
    SyscallFault copy() {
        SyscallFault copy = new SyscallFault(builder, name, answer, delay);
        copy.first = first;
        copy.last = last;
        copy.step = step;
        copy.condition = condition;
        return copy;
    }
}
