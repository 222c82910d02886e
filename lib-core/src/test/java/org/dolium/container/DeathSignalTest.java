// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The parent-death signal as a command finds it. The kernel clears it with every change of ids, as it counts them.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class DeathSignalTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String SIGKILL = "9\n";
    private static final String ASK = """
            import ctypes
            signal = ctypes.c_int()
            ctypes.CDLL(None).prctl(2, ctypes.byref(signal))
            print(signal.value)
            """;

    private static ContainerBuilder ask() {
        MustRun.root();
        MustRun.program("python3");
        return ContainerBuilder.create().command("python3", "-c", ASK);
    }

    /// The last map leads user 2000 back to where the JVM is, by another id in between.
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
        "0:0:2000 0", "0:0:2000 7", "0:100000:2000 0", "0:100000:2000 7", "0:100000:1000,2000:0:1 2000:2000",
        "0:100000:1000,2000:0:1 7"
    })
    void it_is_set_whatever_the_ids_are_called(String maps, String user) throws Exception {
        IdMaps ids = IdMaps.parse(maps);
        Result result = ask().userNamespace(UserNamespace.mapped(ids, ids)).user(user).run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.stdout()).isEqualTo(SIGKILL);
    }

    @Test
    void it_is_set_for_root_and_for_another_user() throws Exception {
        assertThat(ask().run(LIMIT).stdout()).isEqualTo(SIGKILL);
        assertThat(ask().user("7").run(LIMIT).stdout()).isEqualTo(SIGKILL);
    }

    @Test
    void it_is_set_in_joined_namespaces() throws Exception {
        IdMaps ids = IdMaps.parse("0:100000:2000");
        ContainerBuilder first = ask().command("sleep", "100").userNamespace(UserNamespace.mapped(ids, ids));
        try (Container running = first.start()) {
            for (NamespaceKind kind : new NamespaceKind[] {NamespaceKind.USER, NamespaceKind.PID}) {
                Result result = ask().namespace(kind, NamespaceMode.Join.ofPid(running.pid(), kind)).run(LIMIT);
                assertThat(result.stderr()).isEmpty();
                assertThat(result.stdout()).as("%s", kind).isEqualTo(SIGKILL);
            }
        }
    }
}
