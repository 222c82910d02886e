// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class RestartedServiceTest {
    @TempDir
    Path directory;

    @Test
    void it_is_run_again_as_often_as_the_policy_says() throws Exception {
        String printed = Printed.by(arguments -> RestartedService.main(new String[] {directory.resolve("state").toString()}));
        assertThat(printed).isEqualTo("run again 2 times, exited with code 5\n");
    }
}
