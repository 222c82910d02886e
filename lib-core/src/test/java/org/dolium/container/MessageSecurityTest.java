// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dolium.files.CopyRules;
import org.dolium.linux.Errno;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Logged;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows T-03 and T-06: what Dolium says of a container that lies, and of what nobody shall know.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class MessageSecurityTest extends SecurityRows {
    /// Sets the title of a terminal, hides what came before, and forges a line; in two bytes of UTF-8 too.
    private static final String EVIL = "x\u001b]0;title\u0007\u009b2J\r\nERROR forged\u202ey";
    private static final String SECRET = "s3cr3t-of-nobody";

    /// What is no part of a line that is shown: a message has further lines only where it says so, with two blanks.
    private static String harmful(String text) {
        return text.replaceAll("\n  (?=[ a-z-])", "").replaceAll("[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "");
    }

    /// All that would be printed of an exception, but for its stack.
    private static String messages(Throwable failure) {
        StringBuilder out = new StringBuilder();
        for (Throwable at = failure; at != null; at = at.getCause()) {
            out.append(at).append("; ");
            for (Throwable also : at.getSuppressed()) {
                out.append(messages(also));
            }
        }
        return out.toString();
    }

    /// It fails, and says of what, and does no harm.
    private static void harmless(ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).isNotNull();
        assertThat(messages(failure)).contains("forged");
        assertThat(harmful(messages(failure))).as("in: %s", messages(failure)).isEmpty();
    }

    @Test
    void T_03_control_names_that_are_printed_as_they_are_are_seen() {
        assertThat(harmful(new java.nio.file.NoSuchFileException(EVIL).toString())).hasSize(6);
        assertThat(harmful("a\nERROR forged")).isEqualTo("\n");
        assertThat(harmful("invalid container:\n  - one\n  hint: two")).isEmpty();
    }

    @Test
    void T_03_what_is_wrong_with_a_container_is_said_without_control_characters() {
        harmless(() -> ContainerBuilder.create().command("true").workingDirectory(EVIL).build());
        harmless(() -> ContainerBuilder.create().command("true").name(EVIL).build());
        harmless(() -> ContainerBuilder.create().command("true").user(EVIL).build());
        harmless(() -> ContainerBuilder.create().command("true").tmpfs(EVIL).build());
        harmless(() -> ContainerBuilder.create().command("true").file(EVIL, "x").build());
        harmless(() -> ContainerBuilder.create().command("true").maskPath(EVIL).build());
        harmless(() -> ContainerBuilder.create().command("true").sysctl(EVIL, "1").build());
        harmless(() -> ContainerBuilder.create().command("true").volume("/dev/" + EVIL).build());
        harmless(() -> ContainerBuilder.create().command("true").env(EVIL + "=", "x").build());
        harmless(() -> ContainerBuilder.create().command("true").failSyscall(EVIL, Errno.EIO).always().build());
        harmless(() -> ContainerBuilder.create().command("true").rootfs(Rootfs.directory(Path.of("/no/" + EVIL))).build());
        harmless(() -> ContainerBuilder.create().command("true").bind(Path.of("/no/" + EVIL), "/x").build());
        harmless(() -> MemorySize.parse(EVIL));
        harmless(() -> RestartPolicy.parse(EVIL));
        harmless(() -> Signal.parse(EVIL));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_03_a_command_that_is_not_there_is_named_without_control_characters(Mode mode) throws Exception {
        harmless(() -> tiny(mode, "").command(EVIL).run(LIMIT));
        harmless(() -> tiny(mode, "").command("/bin/" + EVIL).run(LIMIT));
        harmless(() -> tiny(mode, "true").workingDirectory("/" + EVIL).run(LIMIT));
        try (Container container = tiny(mode, "exec sleep 1000").start()) {
            harmless(() -> container.exec("/bin/" + EVIL).run(LIMIT));
            harmless(() -> container.exec("true").workingDirectory("/" + EVIL).run(LIMIT));
            harmless(() -> container.exec("true").user(EVIL).run(LIMIT));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_03_files_that_a_container_names_so_are_told_without_control_characters(Mode mode) throws Exception {
        String evil = EVIL.replace("/", "");
        Path host = Files.createDirectory(directory.resolve("host"));
        String script = "mkdir -p \"/tmp/d/$0\"; mkfifo \"/tmp/d/$0/f\" \"/tmp/$0\"; ln -s \"$0\" /tmp/l; echo ready; exec sleep 1000";
        try (Container container = tiny(mode, "").command("sh", "-c", script, evil).tmpfs("/tmp").start()) {
            container.process().inputReader().readLine();
            Path files = container.files().fileSystem().getPath("/tmp");
            harmless(() -> container.files().readString("/tmp/" + evil));
            harmless(() -> container.files().readString("/tmp/no" + evil));
            harmless(() -> container.files().readString(evil));
            harmless(() -> container.files().write("/tmp/" + evil + "/x", "text"));
            harmless(() -> container.files().copyOut("/tmp/" + evil, host));
            harmless(() -> container.files().copyOut("/tmp/no" + evil, host));
            harmless(() -> container.files().copyOut("/tmp/d", host.resolve("new"), CopyRules.standard().maxEntries(1)));
            harmless(() -> Files.newInputStream(files.resolve("d").resolve(evil)).read());
            harmless(() -> Files.delete(files.resolve("d").resolve(evil)));
            harmless(() -> Files.createDirectory(files.resolve("d").resolve(evil)));
            harmless(() -> Files.readSymbolicLink(files.resolve(evil)));
            harmless(() -> Files.newDirectoryStream(files.resolve(evil)).close());
            harmless(() -> files.resolve("d").resolve(evil).subpath(9, 8));
            harmless(() -> files.resolve(evil).relativize(Path.of("x").getFileSystem().getPath("/" + evil)));
        }
    }

    /// A process can call itself anything, and mount anything anywhere.
    @ParameterizedTest
    @MethodSource("modes")
    void T_03_the_report_of_a_hostile_container_has_no_control_characters(Mode mode) throws Exception {
        String script = "printf '%s' \"$0\" > /proc/self/comm; echo ready; read x";
        try (Container container = tiny(mode, "").command("sh", "-c", script, EVIL).tmpfs("/tmp").tmpfs("/tmp/" + EVIL).start()) {
            container.process().inputReader().readLine();
            String report = container.security().report();
            assertThat(report.replace("\n", "")).isEqualTo(report.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", ""));
            assertThat(report).doesNotContain("\nERROR");
            assertThat(container.security().mounts().toString()).contains("forged").doesNotContain("\n", "\u001b", "\u009b");
            assertThat(harmful(container.toString())).isEmpty();
        }
    }

    private static String stack(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out, true));
        return out.toString();
    }

    private static void threads(List<String> said) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            said.add(thread.toString());
        }
    }

    /// All that is given to a container and may be secret.
    private ContainerBuilder secretive(Mode mode, String... command) {
        return tiny(mode, "").command(command).env("TOKEN", SECRET).tmpfs("/run").tmpfs("/tmp").file("/run/token", SECRET)
                .file("/tmp/token", SECRET.getBytes(StandardCharsets.UTF_8), 0600);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_06_no_secret_is_logged_or_told_of_a_container(Mode mode) throws Exception {
        List<String> said = new ArrayList<>();
        try (Logged log = Logged.everything()) {
            ContainerBuilder builder = secretive(mode, "sh", "-c", "cat /run/token /tmp/token; printf $TOKEN; cat; exec sleep 1000")
                    .onEvent(event -> said.add(event.toString()))
                    .onStdoutLine(line -> {
                        said.add(Thread.currentThread().toString());
                        throw new IllegalStateException("expected in the test's log");
                    });
            ContainerSpec spec = builder.build();
            said.addAll(List.of(builder.toString(), spec.toString(), spec.explain(), spec.reductions().toString()));
            try (Container container = spec.start()) {
                container.process().outputWriter().append(SECRET).append('\n').close();
                ExecutionLook.look(container, said);
                threads(said);
                said.add(container + " " + container.process() + container.process().info() + container.security().report());
            }
            List<ContainerBuilder> failing = List.of(
                    secretive(mode, "/no/such"), secretive(mode, "true").workingDirectory("/no/such"), secretive(mode, "true").user("nobody-known"),
                    secretive(mode, "true").file("/proc/token", SECRET), secretive(mode, "true").tmpfs("/full", MemorySize.kibibytes(4))
                            .file("/full/token", SECRET.repeat(9999)), secretive(mode, "true").env("A=B", SECRET),
                    secretive(mode, "true").env("A", SECRET + "\0"));
            for (ContainerBuilder each : failing) {
                Throwable failure = catchThrowable(() -> each.input(SECRET).run(LIMIT));
                assertThat(failure).isNotNull();
                said.add(stack(failure));
            }
            said.add(secretive(mode, "cat").input(SECRET).run(LIMIT).toString());
            assertThat(log.lines()).as("control: something is logged").isNotEmpty();
            said.addAll(log.lines());
        }
        assertThat(said).noneMatch(text -> text.contains(SECRET));
    }

    /// What is told of commands in it.
    private static final class ExecutionLook {
        static void look(Container container, List<String> said) throws Exception {
            Throwable failure = catchThrowable(() -> container.exec("/no/such").env("TOKEN", SECRET).run(LIMIT));
            assertThat(failure).isNotNull();
            said.add(stack(failure));
            said.add(container.exec("true").env("TOKEN", SECRET).explain());
            try (Execution execution = container.exec("sh", "-c", "read x").env("TOKEN", SECRET).start()) {
                threads(said);
                execution.process().outputWriter().append(SECRET).append('\n').close();
                said.add(execution + " " + execution.process() + execution.waitFor());
            }
            said.add(container.exec("sh", "-c", "echo $TOKEN").env("TOKEN", SECRET).run(LIMIT).toString());
        }
    }

    @Test
    void T_06_control_what_is_logged_and_thrown_is_seen() {
        try (Logged log = Logged.everything()) {
            System.getLogger("org.dolium.any").log(System.Logger.Level.TRACE, "token {0}", SECRET);
            assertThat(log.lines()).anyMatch(line -> line.contains(SECRET));
        }
        assertThat(stack(new IllegalStateException("a", new java.io.IOException(SECRET)))).contains(SECRET);
    }
}
