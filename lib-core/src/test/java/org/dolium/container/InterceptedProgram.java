// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.Arch;
import org.dolium.testing.MustRun;

/// The program `intercepted.c`.
final class InterceptedProgram {
    private InterceptedProgram() {}

    /// Compiles it to `bin/intercepted` of a root file system.
    static void compileInto(Path root) throws IOException, InterruptedException {
        MustRun.require(HostProbe.host().arch() == Arch.X86_64, "an x86-64 processor");
        Path source = root.resolve("tmp/intercepted.c");
        try (InputStream in = InterceptedProgram.class.getResourceAsStream("/intercepted.c")) {
            Files.write(source, in.readAllBytes());
        }
        Process gcc = new ProcessBuilder(MustRun.program("gcc"), "-static", "-O1", "-pthread", "-o",
                        root.resolve("bin/intercepted").toString(), source.toString())
                .redirectErrorStream(true).start();
        String output = new String(gcc.getInputStream().readAllBytes());
        assertThat(gcc.waitFor()).as(output).isZero();
    }
}
