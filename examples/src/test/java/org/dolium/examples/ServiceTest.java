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
class ServiceTest {
    @TempDir
    Path directory;

    @Test
    void it_is_found_read_stopped_and_removed() throws Exception {
        String printed = Printed.by(arguments -> Service.main(new String[] {directory.resolve("state").toString()}));
        assertThat(printed).startsWith("it is ready\ngood night\nexited with code 0\n").contains("24 80").endsWith("exited with code 3\n");
    }
}
