// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Network;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `dolium inspect --security` of containers and of what is none.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class InspectTest {
    private static Container start(ContainerBuilder builder) throws Exception {
        return builder.command("cat").start();
    }

    @Test
    void a_container_is_told_by_its_pid_and_its_weaknesses_last() throws Exception {
        try (Container container = start(ContainerBuilder.create().network(Network.host()))) {
            CommandLineRun run = CommandLineRun.here("inspect", "--security", Long.toString(container.pid()));
            assertThat(run.err()).isEmpty();
            assertThat(run.status()).isZero();
            assertThat(run.out()).startsWith("process " + container.pid() + "\n").contains("\nno_new_privs      on\n");
            assertThat(run.out().substring(run.out().indexOf("\nweaker than usual")))
                    .contains("\n  shares the host's network namespace: ");
        }
    }

    @Test
    @Tag("root")
    void a_container_is_found_by_its_name() throws Exception {
        MustRun.root();
        try (Container container = start(ContainerBuilder.create().name("inspected"))) {
            assertThat(CommandLineRun.here("inspect", "--security", "inspected").out())
                    .startsWith("process " + container.pid() + "\n")
                    .doesNotContain("network namespace:");
            assertThat(CommandLineRun.here("inspect", "--security", "inspecte").err())
                    .contains("no container is named 'inspecte'");
        }
        assertThat(CommandLineRun.here("inspect", "--security", "inspected").status()).isEqualTo(125);
    }

    @Test
    void a_process_that_is_no_container_is_said_to_be_none() {
        long own = ProcessHandle.current().pid();
        CommandLineRun run = CommandLineRun.here("inspect", "--security", Long.toString(own));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("process " + own + " is no container: it shares every namespace of the host\n");
    }

    @Test
    void what_is_not_there_is_an_error() {
        assertThat(CommandLineRun.here("inspect", "--security", "4194305").err()).isEqualTo("dolium: there is no process 4194305\n");
        assertThat(CommandLineRun.here("inspect", "--security", "9999999999").status()).isEqualTo(125);
        assertThat(CommandLineRun.here("inspect", "4711").err()).contains("--security");
    }
}
