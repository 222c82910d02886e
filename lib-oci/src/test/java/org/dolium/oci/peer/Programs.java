// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dolium.testing.MustRun;

/// Programs of others.
final class Programs {
    private Programs() {}

    /// What a program prints, which must succeed.
    static String run(String program, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + "\n" + output).isZero();
        return output;
    }
}
