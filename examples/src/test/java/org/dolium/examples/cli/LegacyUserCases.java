// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Run by [PlainUserTest]. A plain user has no limits on a host with cgroup v1: nothing is pretended, and nothing that was not asked for fails.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LegacyUserCases {
    @Test
    void a_memory_limit_is_refused_with_the_reason_and_the_remedy() {
        CommandLineRun run = CommandLineRun.here("run", "--memory", "64m", "--", "true");
        assertThat(run.status()).isEqualTo(125);
        assertThat(run.err()).contains("memory limit 67108864 bytes can't be enforced: cgroup v1 can't be delegated to users")
                .contains("hint: boot with systemd.unified_cgroup_hierarchy=1");
    }

    @Test
    void without_limits_and_with_preferred_ones_it_starts() {
        assertThat(CommandLineRun.here("run", "--", "true")).isEqualTo(new CommandLineRun(0, "", ""));
        assertThat(CommandLineRun.here("run", "--limits", "preferred", "-m", "64m", "--", "true"))
                .isEqualTo(new CommandLineRun(0, "", ""));
    }
}
