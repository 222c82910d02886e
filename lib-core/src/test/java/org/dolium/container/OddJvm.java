// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;

/// What [Attempt] does in a JVM that is about to be killed, or under a storm of signals.
final class OddJvm {
    private static final int SIGURG = 23;

    private OddJvm() {}

    /// Starts containers while the JVM gets signals that it handles, as fast as they can be sent.
    static String storm(ContainerBuilder builder, int count) throws Exception {
        AtomicInteger handled = new AtomicInteger();
        handle("URG", handled);
        long self = Kernel.check(Kernel.call(Sys.PIDFD_OPEN, ProcessHandle.current().pid(), 0, 0), "pidfd_open");
        boolean[] stop = new boolean[1];
        Thread sender = Thread.ofPlatform().start(() -> {
            while (!stop[0]) {
                Kernel.call(Sys.PIDFD_SEND_SIGNAL, self, SIGURG, 0, 0);
                LockSupport.parkNanos(100_000);
            }
        });
        String script = "cat /proc/self/status | grep -E '^Sig(Blk|Ign|Cgt)' | grep -vc '0000000000000000$'";
        ContainerSpec spec = builder.command("sh", "-c", script).build();
        int good = 0;
        for (int i = 0; i < count; i++) {
            good += spec.run().stdout().equals("0\n") ? 1 : 0;
        }
        stop[0] = true;
        sender.join();
        return good + " containers had SigBlk 0, SigIgn 0, SigCgt 0 and ended well\n" + handled + " signals were handled";
    }

    /// By reflection: the module of the test does not read jdk.unsupported.
    private static void handle(String name, AtomicInteger handled) throws Exception {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object counter = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, args) -> {
            handled.incrementAndGet();
            return null;
        });
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), counter);
    }

    static ContainerBuilder state(ContainerBuilder builder) {
        return builder.command("sh", "-c", """
                echo umask $(umask); echo cwd $(pwd); echo nice $(cut -d' ' -f19 /proc/self/stat)
                echo personality $(cat /proc/self/personality)
                grep -E '^(SigBlk|SigIgn|SigCgt|NoNewPrivs|Seccomp):' /proc/self/status | sort -s -k1,1.3r | tr -d ':' | tr '\\t' ' ' > /tmp/s
                for f in SigBlk SigIgn SigCgt NoNewPrivs Seccomp; do grep "^$f " /tmp/s; done
                echo oom_score_adj $(cat /proc/self/oom_score_adj)
                echo processors $(grep Cpus_allowed_list /proc/self/status | cut -f2)
                """).tmpfs("/tmp");
    }

    /// A plan that fails unless the timer slack is Linux's default; /proc does not show a process its own.
    static ContainerSpec timerSlackChecked(ContainerBuilder builder) throws Exception {
        return Variant.of(builder, "rt_sigaction\\(64, .*", step -> new Step.Call(
                Syscall.of(Sys.PRCTL, Arg.flags(30, "PR_GET_TIMERSLACK")), List.of(), 50_000, false));
    }

    @SuppressWarnings("InfiniteLoopStatement") // the test kills this JVM
    static void startEndlessly(ContainerSpec spec) throws Exception {
        startEndlessly(spec, Integer.MAX_VALUE);
    }

    static void startEndlessly(ContainerSpec spec, int most) throws Exception {
        spec.start();
        System.out.println("ready");
        for (int i = 1; ; i++) {
            if (i < most) {
                spec.start();
            }
            if (System.nanoTime() % 7 == 0) {
                Thread.sleep(1);
            }
        }
    }

    /// The parent-death signal is taken back just before the command.
    static ContainerSpec withoutDeathSignal(ContainerBuilder builder) throws Exception {
        return Variant.of(builder, "umask\\(022\\)", step -> new Step.Call(
                Syscall.of(Sys.PRCTL, Arg.flags(1, "PR_SET_PDEATHSIG"), Arg.num(0))));
    }

    /// Ends this JVM when the child exists and waits for its id maps.
    static void dieBeforeMaps(ContainerBuilder builder, Path marker) throws Exception {
        ContainerBuilder writing = builder.command("sh", "-c", "echo ran > /mnt/marker")
                .bind(marker, "/mnt/marker")
                .userNamespace(UserNamespace.single());
        ContainerSpec spec = writing.build();
        Blueprint old = spec.blueprint;
        Blueprint deadly = new Blueprint(
                old.spec(), old.host(), old.diskUpper(), pid -> Runtime.getRuntime().halt(0), old.mappedBinds(), old.groupPlan(),
                old.program());
        new ContainerSpec(writing, deadly, spec.reductions()).run();
    }
}
