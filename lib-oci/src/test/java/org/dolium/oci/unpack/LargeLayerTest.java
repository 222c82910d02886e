// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers that are much larger than the heap, which has 64 MiB in all.
@Tag("kernel")
class LargeLayerTest {
    /// Of the archives that [LargeLayerMain] makes, which are always the same.
    private static final String ONE_GIBIBYTE = "sha256:91d1f43118fbab051357d6db1e0343f53255f98c1a85527e00a1954569cb7633";

    private static final String TEN_GIBIBYTES = "sha256:ec306224f5e87b040cc23bcec8308b38e3923fdb39962a3933d11f0d01175935";

    @TempDir
    Path directory;

    private static String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), LargeLayerMain.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void ten_gibibytes_are_read_and_verified_with_a_heap_of_64_mebibytes() throws Exception {
        assertThat(run("10", TEN_GIBIBYTES)).contains("done, at most ");
    }

    @Test
    void a_gibibyte_is_written_with_a_heap_of_64_mebibytes() throws Exception {
        assertThat(run("1", ONE_GIBIBYTE, directory.toString())).contains("done, at most ");
        assertThat(Files.size(directory.resolve("file0"))).isEqualTo(1L << 30);
    }
}
