// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that are there before the command's first instruction.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class GivenFilesTest extends SecurityRows {
    private ContainerBuilder overlay(Mode mode, String script) {
        return FilesTest.shell(mode, root).command("sh", "-c", script);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void files_are_there_at_the_first_instruction(Mode mode) throws Exception {
        String look = "cat /etc/app/x.conf /etc/passwd /tmp/empty; stat -c '%u %g %a' /etc/app /etc/app/x.conf /etc/passwd";
        ContainerSpec spec = overlay(mode, look).file("/etc/app/x.conf", "new\n").file("/etc/passwd", "replaced\n".getBytes(StandardCharsets.UTF_8), 0600)
                .file("/tmp/empty", "").build();
        assertThat(output(spec)).isEqualTo("new\nreplaced\n0 0 755\n0 0 644\n0 0 600\n");
        assertThat(output(spec)).startsWith("new\n"); // a second container of it
        assertThat(spec.explain()).contains("write($").doesNotContain("replaced");
        assertThat(root.resolve("etc/app")).doesNotExist();
        assertThat(root.resolve("etc/passwd")).content().startsWith("root:");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void they_are_there_on_a_root_that_is_read_only_and_in_memory_of_any_root(Mode mode) throws Exception {
        Rootfs sealed = Rootfs.overlay(root).asReadOnly();
        assertThat(output(overlay(mode, "cat /etc/x; echo > /etc/x").rootfs(sealed).file("/etc/x", "x\n"))).startsWith("x\n").contains("Read-only");
        assertThat(output(tiny(mode, "cat /tmp/x").tmpfs("/tmp").file("/tmp/x", "x\n"))).isEqualTo("x\n");
        assertThat(output(mode.apply(ContainerBuilder.create().command("cat", "/run/x")).file("/run/x", "x\n"))).isEqualTo("x\n");
    }

    @Test
    void a_directory_of_the_host_is_never_written_to() throws Exception {
        Mode mode = modes().get(0);
        assertThatThrownBy(() -> tiny(mode, "true").file("/etc/x", "x").build()).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("file '/etc/x' would be written to a directory of the host");
        assertThatThrownBy(() -> overlay(mode, "true").bind(directory, "/mnt").file("/mnt/a/x", "x").build())
                .hasMessageContaining("'/mnt/a/x' would be written to a directory of the host");
        assertThatThrownBy(() -> overlay(mode, "true").file("x", "").file("/proc/sys/kernel/hostname", "").file("/x", new byte[0], 04755)
                .file("/y", new byte[(1 << 20) + 1], 0644).build())
                .hasMessageContaining("file 'x' is not an absolute path").hasMessageContaining("which is the kernel's")
                .hasMessageContaining("mode 04755").hasMessageContaining("more than 1 MiB");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_06_a_managed_file_that_is_a_link_or_a_fifo_is_replaced_inside(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("etc/resolv.conf"), Path.of("/../../../.." + canary.directory() + "/file"));
        Files.createSymbolicLink(root.resolve("etc/up"), Path.of("../../../../../.." + canary.directory()));
        assertThat(new ProcessBuilder("mkfifo", root.resolve("etc/hosts").toString()).start().waitFor()).isZero();
        ContainerBuilder builder = overlay(mode, "cat /etc/resolv.conf /etc/hosts; stat -c %F /etc/resolv.conf /etc/hosts")
                .file("/etc/resolv.conf", "1\n").file("/etc/hosts", "2\n");
        assertThat(output(builder)).isEqualTo("1\n2\nregular file\nregular file\n");
        assertThatThrownBy(() -> output(builder.file("/etc/up/file", "3"))).isInstanceOf(LaunchException.class); // nothing is there inside
    }

    /// The image's links must not lead the launch, which has more rights than the command, to the kernel's settings.
    @ParameterizedTest
    @MethodSource("modes")
    void V_06_a_managed_file_is_never_one_of_the_kernels(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("etc/app"), Path.of("/proc/sys/kernel"));
        Files.createDirectory(root.resolve("etc/hosts"));
        for (String path : new String[] {"/etc/app/hostname", "/etc/app/core_pattern", "/etc/app/new", "/etc/hosts"}) {
            assertThatThrownBy(() -> output(overlay(mode, "true").file(path, "x"))).as(path).isInstanceOf(LaunchException.class);
        }
    }

    /// Opened as anybody does, the file is what the image's link leads to: one of the host's.
    @ParameterizedTest
    @MethodSource("modes")
    void V_06_without_the_control_the_image_chooses_what_is_written(Mode mode) throws Exception {
        Path victim = Files.writeString(directory.resolve("victim"), "");
        Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.createSymbolicLink(root.resolve("etc/hosts"), victim);
        ContainerBuilder builder = overlay(mode, "true").file("/etc/hosts", "changed");
        ContainerSpec weak = Variant.of(builder, "(unlinkat|openat)\\([^,]*, \"hosts\".*", step -> {
            Step.Call call = (Step.Call) step;
            if (call.call().sys() == Sys.UNLINKAT) {
                return Variant.NOTHING;
            }
            List<Arg> arguments = new ArrayList<>(call.call().args());
            arguments.set(2, Arg.num(1)); // O_WRONLY
            return new Step.Call(new Syscall(Sys.OPENAT, arguments), call.tolerated(), call.expected(), call.noted());
        });
        weak.run(LIMIT);
        assertThat(victim).hasContent("changed");
    }
}
