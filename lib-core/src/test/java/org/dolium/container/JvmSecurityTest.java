// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.namespace.NamespaceKind;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Row J-04 of the security matrix: no thread of the JVM keeps anything of what a launch changes.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class JvmSecurityTest extends SecurityRows {
    private static final String KEPT = "(?s)(Umask|Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp"
            + "|Seccomp_filters|Cpus_allowed_list|Mems_allowed_list):.*";

    /// The states that threads of this JVM have: one, if all are alike.
    private static Set<String> states() {
        Set<String> states = new TreeSet<>();
        for (File task : Objects.requireNonNull(new File("/proc/self/task").listFiles())) {
            try {
                StringBuilder state = new StringBuilder();
                for (String line : Files.readAllLines(task.toPath().resolve("status"), StandardCharsets.ISO_8859_1)) {
                    state.append(line.matches(KEPT) ? line + "\n" : "");
                }
                for (NamespaceKind kind : NamespaceKind.values()) {
                    state.append(Files.readSymbolicLink(task.toPath().resolve("ns/" + kind.procName()))).append('\n');
                }
                state.append(Files.readSymbolicLink(task.toPath().resolve("cwd"))).append('\n');
                state.append(Files.readSymbolicLink(task.toPath().resolve("root"))).append('\n');
                states.add(state.append(Files.readString(task.toPath().resolve("cgroup"))).toString());
            } catch (IOException e) {
                // it ended meanwhile
            }
        }
        return states;
    }

    /// As [#states], when the process that is being made, and shares this JVM's memory for a moment, is no thread of it.
    @Test
    void J_04_every_thread_is_after_launches_as_it_was_before() throws Exception {
        Set<String> before = states();
        assertThat(before).hasSize(1);
        for (Mode mode : modes()) {
            List<ContainerBuilder> builders = List.of(
                    tiny(mode, "true").user("0:0").umask(077), tiny(mode, "true").workingDirectory("/tmp").hostname("other"),
                    tiny(mode, "exit 3"), tiny(mode, "true").workingDirectory("/not/there"));
            for (ContainerBuilder builder : builders) {
                ContainerSpec spec = builder.build();
                for (int i = 0; i < Slow.repeats(20); i++) {
                    try {
                        spec.run(LIMIT);
                    } catch (IOException e) {
                        assertThat(e).hasMessageContaining("/not/there");
                    }
                    assertThat(states()).isEqualTo(before);
                }
            }
        }
    }

    @Test
    void J_04_without_the_control_a_thread_with_another_state_is_seen() throws Exception {
        Set<String> seen = new TreeSet<>();
        Thread.ofPlatform().start(() -> {
            Kernel.call(Sys.PRCTL, 38, 1, 0, 0); // no_new_privs, of this thread alone
            seen.addAll(states());
        }).join();
        assertThat(seen).hasSize(2);
    }

    private static Set<String> networks() {
        Set<String> networks = new TreeSet<>();
        for (File task : Objects.requireNonNull(new File("/proc/self/task").listFiles())) {
            try {
                networks.add(Files.readSymbolicLink(task.toPath().resolve("ns/net")).toString());
            } catch (IOException e) {
                // it ended meanwhile
            }
        }
        return networks;
    }

    /// Looked at while containers with networks of their own are made, all the time.
    @Test
    void N_06_no_thread_is_in_another_network_while_containers_start() throws Exception {
        Set<String> seen = new TreeSet<>();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        Thread watcher = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                seen.addAll(networks());
                looks.incrementAndGet();
            }
        });
        try {
            for (Mode mode : modes()) {
                ContainerSpec spec = tiny(mode, "true").build();
                int before = looks.get();
                for (int i = 0; i < Slow.repeats(300) || looks.get() - before <= Slow.repeats(100); i++) {
                    spec.run(LIMIT);
                }
            }
        } finally {
            stop.set(true);
            watcher.join();
        }
        assertThat(looks.get()).isGreaterThan(Slow.repeats(100));
        assertThat(seen).hasSize(1);
    }

    @Test
    void N_06_without_the_control_a_thread_in_another_network_is_seen() throws Exception {
        if (modes().contains(Mode.U1)) {
            return; // a thread of a plain user can't leave its network
        }
        Set<String> seen = new TreeSet<>();
        Thread.ofPlatform().start(() -> {
            Kernel.call(Sys.UNSHARE, NamespaceKind.NET.cloneFlag(), 0, 0, 0); // of this thread alone
            seen.addAll(networks());
        }).join();
        assertThat(seen).hasSize(2);
    }
}
