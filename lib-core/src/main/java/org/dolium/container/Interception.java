// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.host.Host;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SupervisedCalls;
import org.dolium.seccomp.SyscallTable;
import org.dolium.supervisor.Listener;
import org.jspecify.annotations.Nullable;

/// Which system calls of a container the JVM decides about, and how.
final class Interception {
    private final Map<String, SyscallHandler> handlers = new LinkedHashMap<>();
    private final List<SyscallFault> faults = new ArrayList<>();
    private final Set<String> twice = new LinkedHashSet<>();

    void handle(String name, SyscallHandler handler) {
        if (handlers.putIfAbsent(name, handler) != null) {
            twice.add(name);
        }
    }

    SyscallFault fail(ContainerBuilder builder, String name, Errno errno) {
        return added(new SyscallFault(builder, name, new SyscallAnswer.Fail(errno), null));
    }

    SyscallFault give(ContainerBuilder builder, String name, long value) {
        return added(new SyscallFault(builder, name, new SyscallAnswer.Give(value), null));
    }

    SyscallFault delay(ContainerBuilder builder, String name, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a system call can't be delayed by " + delay);
        }
        return added(new SyscallFault(builder, name, null, delay));
    }

    private SyscallFault added(SyscallFault fault) {
        faults.add(fault);
        return fault;
    }

    /// A copy that later changes do not reach.
    Interception copy() {
        Interception copy = new Interception();
        copy.handlers.putAll(handlers);
        for (SyscallFault fault : faults) {
            copy.faults.add(fault.copy());
        }
        return copy;
    }

    @Nullable SyscallHandler handler(String name) {
        return handlers.get(name);
    }

    /// The faults of a call, in the order in which they were asked for.
    List<SyscallFault> faults(String name) {
        List<SyscallFault> found = new ArrayList<>();
        for (SyscallFault fault : faults) {
            if (fault.name.equals(name)) {
                found.add(fault);
            }
        }
        return found;
    }

    /// All calls that are mentioned.
    private Set<String> names() {
        Set<String> names = new LinkedHashSet<>(handlers.keySet());
        for (SyscallFault fault : faults) {
            names.add(fault.name);
        }
        return names;
    }

    /// The calls that wait for the JVM.
    List<String> waiting() {
        List<String> waiting = new ArrayList<>();
        for (String name : names()) {
            if (constant(name) == null) {
                waiting.add(name);
            }
        }
        return waiting;
    }

    /// The profile with the faults that happen at each call, about which nobody needs to be asked.
    SeccompProfile withConstantFaults(SeccompProfile profile) {
        List<SeccompRule> rules = new ArrayList<>();
        for (String name : names()) {
            SeccompAction action = constant(name);
            if (action != null) {
                rules.add(SeccompRule.of(action, name));
            }
        }
        return rules.isEmpty() ? profile : profile.with(rules);
    }

    /// What happens at each call of this name, if the filter alone can do it. The launch's own calls must be told from others.
    private @Nullable SeccompAction constant(String name) {
        List<SyscallFault> its = faults(name);
        if (its.size() != 1 || handlers.containsKey(name) || SupervisedCalls.isOfTheLaunch(name)
                || !its.getFirst().isUnconditional()) {
            return null;
        }
        if (its.getFirst().answer instanceof SyscallAnswer.Fail fail) {
            return SeccompAction.errno(fail.errno());
        }
        return its.getFirst().answer instanceof SyscallAnswer.Give give && give.value() == 0
                ? SeccompAction.errno(new Errno(0))
                : null;
    }

    /// @return whether the names are known, so that filters can be made
    boolean check(List<String> problems) {
        boolean known = true;
        for (String name : names()) {
            if (!SyscallTable.of(Kernel.ARCH).knows(name)) {
                problems.add("unknown system call '" + name.replaceAll("\\p{Cntrl}", "?") + "' to intercept");
                known = false;
            }
        }
        for (String name : twice) {
            problems.add("two handlers of system call '" + name + "': only one can decide");
        }
        for (SyscallFault fault : faults) {
            if (fault.isUnconditional() && fault.answer != null && handlers.containsKey(fault.name)) {
                problems.add("the handler of system call '" + fault.name + "' would never be asked: a fault is injected into each");
            }
        }
        return known;
    }

    /// The filter for the calls that wait, or null if there are none.
    ///
    /// @param profile with the constant faults
    static @Nullable SupervisedCalls supervised(
            Interception wanted, SeccompProfile profile, SeccompTarget target, Host host, List<String> problems)
            throws UnsupportedHostException {
        List<String> waiting = wanted.waiting();
        if (waiting.isEmpty()) {
            return null;
        }
        if (!host.seccompFilters() || !Listener.isSupported()) {
            throw new UnsupportedHostException(
                    "this kernel can't let system calls wait for a supervisor, so " + waiting + " can't be intercepted",
                    "run a kernel with CONFIG_SECCOMP_FILTER, and outside of gVisor and the like; faults that happen at each call"
                            + " need only the former",
                    null);
        }
        SupervisedCalls supervised = new SupervisedCalls(profile, target, waiting, secret());
        try {
            supervised.compile();
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return supervised;
    }

    /// A number that a container can't guess.
    private static long secret() {
        try (Arena arena = Arena.ofConfined()) {
            Memory word = Memory.allocate(arena, Long.BYTES);
            if (Kernel.call(Sys.GETRANDOM, word.address(), Long.BYTES, 0) != Long.BYTES) {
                throw new IllegalStateException("getrandom failed");
            }
            return word.getLong(0);
        }
    }
}
