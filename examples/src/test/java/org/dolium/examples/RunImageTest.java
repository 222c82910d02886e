// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.dolium.examples.cli.ImageFiles;
import org.dolium.oci.Image;
import org.dolium.oci.Images;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class RunImageTest {
    @TempDir
    Path directory;

    private Path store;

    @BeforeEach
    void make() throws Exception {
        Path layout = ImageFiles.layout(directory, ImageFiles.architecture(), "'StopSignal':'SIGUSR1','ExposedPorts':{'80/tcp':{}},"
                + "'Cmd':['sh','-c','trap \\\"exit 3\\\" USR1; echo $MODE; while :; do sleep 0.1; done']");
        store = ImageFiles.store(directory, layout, "tiny");
    }

    @Test
    void a_command_of_an_image_is_run() throws Exception {
        String printed = Printed.by(RunImage::main, store.toString(), "tiny", "cat", "/etc/group");
        assertThat(printed).startsWith("root:x:0:\n");
    }

    @Test
    void what_the_image_is_for_is_started_and_stopped_as_it_says() throws Exception {
        try (Images images = Images.open(store); Image image = images.get("tiny")) {
            assertThat(RunImage.service(image)).isEqualTo("test, ports [80/tcp], exited with code 3");
        }
    }
}
