// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `--security-opt seccomp=FILE`.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class SeccompFileTest {
    @TempDir
    private Path directory;

    private Path profile(String action, String names) throws IOException {
        return Files.writeString(
                directory.resolve("a:b=c.json"),
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [" + names + "], \"action\": \"" + action
                        + "\", \"errnoRet\": 30}]}");
    }

    private CommandLineRun run(Path profile, String... command) throws IOException {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        String[] arguments = new String[command.length + 5];
        System.arraycopy(new String[] {"run", "--rootfs", root.toString(), "--security-opt", "seccomp=" + profile}, 0,
                arguments, 0, 5);
        System.arraycopy(command, 0, arguments, 5, command.length);
        return CommandLineRun.here(arguments);
    }

    @Test
    void rules_of_a_file_are_in_force() throws IOException {
        Path file = profile("SCMP_ACT_ERRNO", "\"mkdir\", \"mkdirat\"");
        assertThat(run(file, "sh", "-c", "mkdir /tmp/x 2>/dev/null && exit 3; exec grep -q 'Seccomp:.*2' /proc/self/status"))
                .isEqualTo(new CommandLineRun(0, "", ""));
        assertThat(run(file, "touch", "/tmp/x")).isEqualTo(new CommandLineRun(0, "", ""));
    }

    @Test
    void names_that_are_no_calls_are_reported() throws IOException {
        CommandLineRun run = run(profile("SCMP_ACT_ERRNO", "\"ptrac\", \"chown32\", \"mkdir\""), "true");
        assertThat(run.status()).isZero();
        assertThat(run.err())
                .isEqualTo("dolium: the seccomp profile '" + directory
                        + "/a:b=c.json' has names that are no system calls and have no effect: ptrac\n");
    }

    @Test
    void what_is_no_profile_is_an_error() throws IOException {
        CommandLineRun wrong = run(profile("SCMP_ACT_NOTIFY", "\"mkdir\""), "true");
        assertThat(wrong.status()).isEqualTo(125);
        assertThat(wrong.err()).contains("dolium: the seccomp profile: $.syscalls[0].action is 'SCMP_ACT_NOTIFY', which is for");
        CommandLineRun missing = run(directory.resolve("missing.json"), "true");
        assertThat(missing.status()).isEqualTo(125);
        assertThat(missing.err()).contains("unknown seccomp profile").contains("there is no such file");
    }
}
