// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.OsRoots;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES) // the root file system may have to be made
class WholeSystemTest {
    @Test
    void it_shows_which_services_ran_and_that_it_ended_in_order() throws Exception {
        String root = OsRoots.systemd().toString();
        assertThat(Printed.by(arguments -> WholeSystem.main(new String[] {root})))
                .contains("dbus.service", "systemd-journald.service").endsWith("exited with code 0\n");
    }
}
