// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.launch.ListenerOwner;
import org.dolium.launch.Poller;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SupervisedCalls;
import org.dolium.seccomp.SyscallTable;
import org.dolium.supervisor.Listener;
import org.dolium.supervisor.Notification;
import org.jspecify.annotations.Nullable;

/// Answers the system calls of one running container that wait for the JVM: those of its command, and of each further one,
/// which has the same filter and a listener of its own.
///
/// The poller takes them, counts them, and answers what needs nobody's code. Handlers and conditions run one after the other
/// on a virtual thread, delays are the timer's: no number of containers needs more threads of the platform.
final class Supervision implements ListenerOwner {
    /// The calls of one name.
    private static final class Kind {
        final String name;
        final List<SyscallFault> faults;
        final long[] counts;
        final @Nullable SyscallHandler handler;
        final boolean asksUser;

        Kind(String name, List<SyscallFault> faults, @Nullable SyscallHandler handler) {
            this.name = name;
            this.faults = faults;
            this.counts = new long[faults.size()];
            this.handler = handler;
            boolean conditions = false;
            for (SyscallFault fault : faults) {
                conditions |= fault.condition != null;
            }
            this.asksUser = conditions;
        }
    }

    private final SupervisedCalls calls;
    private final Map<Integer, Kind> kinds = new HashMap<>();
    private final Deliveries deliveries = new Deliveries("dolium-syscalls");
    private final Set<Future<?>> delayed = new HashSet<>();
    private final List<Listener> listeners = new ArrayList<>(1);
    private @Nullable IllegalStateException failure;
    private boolean closed;

    Supervision(SupervisedCalls calls, Interception wanted) {
        this.calls = calls;
        SyscallTable table = SyscallTable.of(Kernel.ARCH);
        for (String name : wanted.waiting()) {
            kinds.put(table.number(name), new Kind(name, wanted.faults(name), wanted.handler(name)));
        }
    }

    /// This; a type that no verifier needs to look at where there is no supervision.
    ListenerOwner owner() {
        return this;
    }

    @Override
    public synchronized void take(Fd fd) throws ErrnoException {
        Listener taken = new Listener(fd);
        if (closed) {
            taken.close();
            return;
        }
        listeners.add(taken);
        watch(taken);
    }

    private void watch(Listener open) throws ErrnoException {
        open.watch(new Poller.Handler() {
            @Override
            public void ready(int events) {
                Supervision.this.ready(open, events);
            }
        });
    }

    /// On the poller's thread.
    private void ready(Listener open, int events) {
        if (isClosed()) {
            return;
        }
        if ((events & Poller.IN) == 0) { // no process has the filter any more
            ended(open);
            return;
        }
        Notification call = open.receive();
        try {
            watch(open);
        } catch (ErrnoException e) {
            broken(e);
        }
        if (call != null) {
            received(call, open);
        }
    }

    private void ended(Listener open) {
        boolean last;
        synchronized (this) {
            listeners.remove(open);
            last = listeners.isEmpty();
        }
        open.close();
        if (last) {
            close();
        }
    }

    private void received(Notification notification, Listener open) {
        Kind kind = kinds.get(notification.number());
        if (kind == null) { // the profile itself says that a supervisor decides, and there is none for it
            answer(notification, open, new SyscallAnswer.Fail(Errno.ENOSYS));
            return;
        }
        InterceptedSyscall call = new InterceptedSyscall(kind.name, notification, open);
        if (kind.asksUser) {
            deliver(() -> inject(kind, call, notification, open));
        } else {
            inject(kind, call, notification, open);
        }
    }

    /// All calls of one name come here on one thread at a time, in the order in which the kernel gave them.
    private void inject(Kind kind, InterceptedSyscall call, Notification notification, Listener open) {
        SyscallAnswer answer = null;
        Duration delay = Duration.ZERO;
        try {
            for (int i = 0; i < kind.counts.length; i++) {
                SyscallFault fault = kind.faults.get(i);
                boolean meant = fault.condition == null || fault.condition.test(call);
                if (meant && fault.concerns(++kind.counts[i])) {
                    answer = answer == null ? fault.answer : answer;
                    delay = fault.delay == null ? delay : delay.plus(fault.delay);
                }
            }
        } catch (Exception | Error e) { // not ours: a condition
            failed(kind, e);
            answer(notification, open, new SyscallAnswer.Fail(Errno.EPERM));
            return;
        }
        SyscallAnswer found = answer;
        if (delay.isZero()) {
            decide(kind, call, notification, open, found);
        } else {
            later(delay, () -> decide(kind, call, notification, open, found));
        }
    }

    private synchronized void later(Duration delay, Runnable work) {
        if (!closed) {
            delayed.removeIf(Future::isDone);
            delayed.add(Ticker.after(delay, work));
        }
    }

    private void decide(
            Kind kind, InterceptedSyscall call, Notification notification, Listener open, @Nullable SyscallAnswer injected) {
        SyscallHandler handler = kind.handler;
        if (injected == null && handler != null) {
            deliver(() -> answer(notification, open, asked(handler, kind, call)));
        } else {
            answer(notification, open, injected == null ? new SyscallAnswer.Proceed() : injected);
        }
    }

    /// Nobody's code is begun once the container is closed.
    private void deliver(Runnable work) {
        deliveries.add(() -> {
            if (!isClosed()) {
                work.run();
            }
        });
    }

    private SyscallAnswer asked(SyscallHandler handler, Kind kind, InterceptedSyscall call) {
        try {
            SyscallAnswer answer = handler.handle(call);
            if (answer != null) {
                return answer;
            }
            failed(kind, new NullPointerException("the handler gave no answer"));
        } catch (Exception | Error e) { // not ours: whatever it is, the call must get an answer
            failed(kind, e);
        }
        return new SyscallAnswer.Fail(Errno.EPERM);
    }

    private void answer(Notification call, Listener open, SyscallAnswer answer) {
        try {
            switch (answer) {
                case SyscallAnswer.Fail(Errno errno) -> open.fail(call, errno.value());
                case SyscallAnswer.Give(long value) -> open.give(call, value);
                case SyscallAnswer.Proceed() -> proceed(call, open);
            }
        } catch (ErrnoException | RuntimeException e) {
            broken(e);
        }
    }

    /// What the profile forbids is not made either when a handler lets it go on. Decided by registers alone, which the process
    /// can't change while it waits.
    private void proceed(Notification call, Listener open) throws ErrnoException {
        SeccompAction action = calls.withoutSupervisor(call.number(), call.arguments());
        if (action.isErrno()) {
            open.fail(call, action.data());
        } else {
            open.proceed(call);
        }
    }

    /// Nobody can be answered any more: closing the listener makes all calls fail.
    private void broken(Exception why) {
        keep(new IllegalStateException("system calls of the container can't be answered", why));
        close();
    }

    private void failed(Kind kind, Throwable why) {
        if (why instanceof SyscallGoneException || isClosed()) {
            return; // nobody waits for the answer
        }
        keep(new IllegalStateException("the handler of system call '" + kind.name + "' failed, so the call did with EPERM", why));
    }

    private synchronized void keep(IllegalStateException why) {
        if (failure == null) {
            failure = why;
        } else if (failure.getSuppressed().length < 10) {
            failure.addSuppressed(why);
        }
    }

    /// The first thing that went wrong since the last time that somebody asked.
    synchronized @Nullable IllegalStateException failure() {
        IllegalStateException why = failure;
        failure = null;
        return why;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /// Ends everything. A handler that still runs is interrupted and not waited for.
    void close() {
        List<Listener> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(listeners);
            listeners.clear();
            for (Future<?> future : delayed) {
                future.cancel(false);
            }
            delayed.clear();
        }
        deliveries.abandon();
        for (Listener listener : open) {
            listener.close();
        }
    }
}
