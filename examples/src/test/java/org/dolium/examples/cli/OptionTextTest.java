// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.container.Bind;
import org.dolium.container.ContainerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The formats of option values, without a container.
class OptionTextTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"90, PT1M30S", "500ms, PT0.5S", "30s, PT30S", "5m, PT5M", "1h, PT1H", "999999999, PT999999999S"})
    void times(String text, String expected) {
        assertThat(OptionText.duration(text)).isEqualTo(Duration.parse(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "1d", "-1", "1.5", "1 s", "0", "0ms", "1234567890", "٣"})
    void what_is_no_time(String text) {
        assertThatThrownBy(() -> OptionText.duration(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    private static void assertSame(String volume, Bind bind) throws IOException {
        assertThat(ContainerBuilder.create().command("/true").mount(MountText.volume(volume)).explain())
                .isEqualTo(ContainerBuilder.create().command("/true").mount(bind).explain());
    }

    @Test
    void volumes() throws Exception {
        Path etc = Path.of("/etc");
        assertSame("/etc:/mnt", Bind.of(etc, "/mnt"));
        assertSame("/etc:/mnt:rw", Bind.of(etc, "/mnt"));
        assertSame("/etc:/mnt:ro,noexec", Bind.of(etc, "/mnt").readOnly().noExec());
        assertSame("./src:/mnt", Bind.of(Path.of("src").toAbsolutePath(), "/mnt"));
        assertSame(".:/mnt", Bind.of(Path.of("").toAbsolutePath(), "/mnt"));
        assertSame("/etc/../etc/:/mnt", Bind.of(etc, "/mnt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "/a", "/a:", ":/b", "/a:/b:", "/a:/b:ro:rw", "/a:/b:RO", "a:/b"})
    void what_is_no_volume(String text) {
        assertThatThrownBy(() -> MountText.volume(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("volume '" + text + "'");
    }

    /// The environment that a file with this content gives, as the plan shows it.
    private String environment(byte[] content) throws Exception {
        Path file = Files.write(directory.resolve("env"), content);
        ContainerBuilder builder = ContainerBuilder.create().command("cat", "/proc/self/environ");
        EnvironmentText.file(file, builder::env);
        return builder.run(Duration.ofSeconds(20)).stdout();
    }

    @Test
    void an_environment_file_is_read_as_docker_reads_it() throws Exception {
        String own = System.getenv("HOME") == null ? "/root" : System.getenv("HOME");
        String text = "\ufeffFIRST=1\r\n\n   \n# comment\n  \t# comment\n\tINDENTED=2\nQUOTED=\"a b\"\nHASH=x#y\n"
                + "EQUALS=a=b\nTRAILING=x \nEMPTY=\nHOME\nNO_SUCH_VARIABLE\nFIRST=last wins";
        assertThat(environment(text.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(String.join("\0", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "HOME=" + own, "HOSTNAME=dolium", "FIRST=last wins", "INDENTED=2", "QUOTED=\"a b\"", "HASH=x#y",
                        "EQUALS=a=b", "TRAILING=x ", "EMPTY=", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=x", "A B=x", "A =x", "export A=x"})
    void a_bad_line_of_an_environment_file_is_named(String line) {
        assertThatThrownBy(() -> environment(("A=1\n" + line + "\n").getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("env, line 2: '");
    }

    @Test
    void an_environment_file_that_is_not_utf_8_is_refused() {
        assertThatThrownBy(() -> environment(new byte[] {'A', '=', (byte) 0xff}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not in UTF-8");
    }
}
