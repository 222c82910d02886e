// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import org.dolium.elf.ElfImage;
import org.dolium.host.Hosts;
import org.dolium.linux.Arch;
import org.dolium.namespace.NamespaceKind;
import org.dolium.plan.Step;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.Test;

/// Whole plans of monitors. How to write the golden files anew is told at [Golden].
class MonitorPlannerTest {
    private static final long PLAIN = NamespaceKind.USER.cloneFlag() | NamespaceKind.PID.cloneFlag();

    @Test
    void golden_plan_of_root_with_a_cgroup() throws IOException {
        Monitoring monitoring = new Monitoring(2, NamespaceKind.PID.cloneFlag() | NamespaceKind.TIME.cloneFlag(), true, 1 << 20, 5);
        Golden.check("monitor-root", MonitorPlanner.plan(Hosts.root(), monitoring).toString());
    }

    @Test
    void golden_plan_of_a_plain_user() throws IOException {
        Golden.check("monitor-plain-user", MonitorPlanner.plan(Hosts.plain(), new Monitoring(0, PLAIN, false, 0, 1)).toString());
    }

    @Test
    void golden_plan_without_namespaces() throws IOException {
        Golden.check("monitor-without-namespaces", MonitorPlanner.plan(Hosts.plain(), new Monitoring(0, 0, false, 0, 1)).toString());
    }

    /// Its memory is there as long as the container is, and others of its user could ask for it.
    @Test
    void its_image_is_small() {
        for (Arch arch : Arch.values()) {
            int size = ElfImage.compile(MonitorPlanner.plan(Hosts.plain(), new Monitoring(0, PLAIN, false, 1 << 20, 3)), arch).length;
            assertThat(size).as("%s", arch).isLessThan(8192);
        }
    }

    @Test
    void what_can_not_be_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Monitoring(-1, 0, false, 0, 1)).withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> new Monitoring(0, 0, false, -2, 1)).withMessageContaining("-2");
        assertThatIllegalArgumentException().isThrownBy(() -> new Monitoring(0, 0, false, 1, 1, Step.Monitor.Input.NONE, 0, 0, -3))
                .withMessageContaining("-3");
        assertThatIllegalArgumentException().isThrownBy(() -> new Monitoring(0, 0, false, 1, 0)).withMessageContaining("not 0");
        assertThatIllegalArgumentException().isThrownBy(() -> new Monitoring(0, 0, false, 1, 101)).withMessageContaining("not 101");
    }
}
