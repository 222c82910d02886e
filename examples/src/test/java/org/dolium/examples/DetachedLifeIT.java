// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.testing.MustRun;
import org.dolium.testing.PlainUser;
import org.dolium.testing.PseudoTerminal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The life of a detached container, as somebody who knows Docker leads it: every step is a `dolium` of its own.
@Tag("kernel")
class DetachedLifeIT {
    private static final String SCRIPT =
            "trap 'echo asked; exit 7' TERM; echo started; echo problem >&2; while :; do sleep 0.1; done";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static Path home;

    private Path runtime;
    private List<String> prefix = List.of();

    @BeforeAll
    static void copy() throws IOException {
        home = ScriptCopy.make();
    }

    @AfterAll
    static void delete() throws IOException {
        ScriptCopy.delete(home);
    }

    @BeforeEach
    void make() throws IOException {
        runtime = Files.createTempDirectory("runtime-");
    }

    @AfterEach
    void clean() throws Exception {
        dolium("rm", "-f", "web");
        LayerUnpack.remove(runtime);
    }

    private Packaged.Output dolium(String verb, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(home.resolve("dolium").toString(), verb, "--state", runtime.resolve("dolium").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
        return Packaged.run(builder);
    }

    private String ok(String verb, String... arguments) throws Exception {
        Packaged.Output output = dolium(verb, arguments);
        assertThat(output.err()).isEmpty();
        assertThat(output.status()).isZero();
        return output.out();
    }

    private void awaitLogs(Predicate<Packaged.Output> wanted) throws Exception {
        long deadline = System.nanoTime() + 60_000_000_000L;
        Packaged.Output logs = dolium("logs", "web");
        while (!wanted.test(logs) && System.nanoTime() < deadline) {
            Thread.sleep(200);
            logs = dolium("logs", "web");
        }
        assertThat(logs).matches(wanted);
    }

    private static boolean isStarted(Packaged.Output logs) {
        return logs.out().equals("started\n") && logs.err().equals("problem\n");
    }

    @Test
    @Tag("root")
    void a_container_goes_on_without_the_dolium_that_started_it() throws Exception {
        MustRun.root();
        String id = ok("run", "-d", "--name", "web", "-l", "tier=front", "--", "sh", "-c", SCRIPT).strip();
        assertThat(id).matches("[0-9a-f]{64}");
        awaitLogs(DetachedLifeIT::isStarted);
        assertThat(ok("ps", "--filter", "label=tier=front", "--format", "{{.ID}} {{.Names}} {{.State}} {{.Command}}"))
                .isEqualTo(id.substring(0, 12) + " web running \"sh -c trap 'echo as…\"\n");
        assertThat(ok("top", "web")).contains("sh -c trap");
        assertThat(ok("exec", "-e", "A=b", "-w", "/tmp", "web", "sh", "-c", "echo $A; pwd; tr '\\0' ' ' </proc/1/cmdline | cut -c 1-12"))
                .isEqualTo("b\n/tmp\nsh -c trap '\n");
        assertThat(dolium("exec", "web", "sh", "-c", "exit 9").status()).isEqualTo(9);
        assertThat(dolium("exec", "web", "no-such-command").status()).isEqualTo(127);
        assertThat(ok("exec", "-d", "web", "sh", "-c", "echo left > /tmp/left; exec sleep 1000")).isEmpty();
        assertThat(ok("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", id.substring(0, 4))).matches("web [1-9][0-9]*\n");
        assertThat(ok("exec", "web", "sh", "-c", "while ! test -s /tmp/left; do sleep 0.1; done; cat /tmp/left")).isEqualTo("left\n");
        assertThat(ok("pause", "web")).isEqualTo("web\n");
        assertThat(ok("inspect", "-f", "{{.State.Status}} {{.Name}} {{.Config.Labels}}", "web")).isEqualTo("paused /web map[tier:front]\n");
        assertThat(dolium("exec", "web", "true").err())
                .isEqualTo("dolium: Container " + id + " is paused, unpause the container before exec\n");
        assertThat(dolium("start", "web").err()).isEqualTo("dolium: cannot start a paused container, try unpause instead\n");
        assertThat(ok("unpause", "web")).isEqualTo("web\n");
        assertThat(dolium("rm", "web").err()).contains("cannot remove container \"web\": container is running");
        assertThat(dolium("run", "-d", "--name", "web", "--", "true").err()).contains("is already in use by container \"" + id + "\"");
        Path file = Files.writeString(runtime.resolve("file"), "copied");
        assertThat(dolium("cp", file.toString(), "web:/tmp/").err()).isEqualTo("Successfully copied 6B to web:/tmp/\n");
        assertThat(dolium("cp", "-q", "web:/tmp/file", runtime.resolve("back").toString()).err()).isEmpty();
        assertThat(runtime.resolve("back")).hasContent("copied");
        assertThat(ok("stop", "-t", "120", "web")).isEqualTo("web\n");
        assertThat(ok("wait", "web")).isEqualTo("7\n");
        assertThat(ok("ps", "-aq", "--filter", "exited=7")).isEqualTo(id.substring(0, 12) + "\n");
        awaitLogs(logs -> logs.out().equals("started\nasked\n"));
        ok("rename", "web", "other");
        ok("rename", id, "web");
        assertThat(ok("start", "web")).isEqualTo("web\n");
        awaitLogs(logs -> logs.out().equals("started\nasked\nstarted\n"));
        assertThat(ok("kill", "web")).isEqualTo("web\n");
        assertThat(ok("wait", "web")).isEqualTo("137\n");
        assertThat(ok("rm", "web")).isEqualTo("web\n");
        assertThat(ok("ps", "-aq")).isEmpty();
    }

    /// As somebody at a terminal does it.
    @Test
    @Tag("root")
    void a_shell_in_a_container_is_used_from_a_terminal() throws Exception {
        MustRun.root();
        ok("run", "-d", "--name", "web", "--", "sh", "-c", SCRIPT);
        try (PseudoTerminal user = PseudoTerminal.open()) {
            byte[] before = user.mode();
            ProcessBuilder builder = new ProcessBuilder(
                    home.resolve("dolium").toString(), "exec", "-it", "--state", runtime.resolve("dolium").toString(), "-e", "PS1=# ", "web", "sh");
            builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
            Process process = user.connect(builder).start();
            user.await("# ", LIMIT);
            user.type("tty; hostname; echo do''ne\r");
            user.await("/dev/pts/0\r\ndolium\r\ndone\r\n", LIMIT);
            user.type("exit 3\r");
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(user.printed()).isTrue();
            assertThat(process.exitValue()).isEqualTo(3);
            assertThat(user.mode()).isEqualTo(before);
        }
        assertThat(ok("ps", "--format", "{{.State}}")).isEqualTo("running\n");
    }

    @Test
    @Tag("root")
    void a_plain_user_has_containers_of_his_own() throws Exception {
        MustRun.root();
        Files.setAttribute(runtime, "unix:uid", PlainUser.UID);
        prefix = List.of(MustRun.program("setpriv"), "--reuid", "" + PlainUser.UID, "--regid", "" + PlainUser.UID, "--clear-groups",
                "--inh-caps=-all");
        String id = ok("create", "--name", "web", "--", "sh", "-c", SCRIPT).strip();
        assertThat(ok("ps", "-a", "--format", "{{.ID}} {{.Status}}", "--no-trunc")).isEqualTo(id + " Created\n");
        assertThat(ok("start", "web")).isEqualTo("web\n");
        awaitLogs(DetachedLifeIT::isStarted);
        assertThat(ok("exec", "web", "id", "-u")).isEqualTo("0\n");
        assertThat(ok("stop", "-t", "120", "web")).isEqualTo("web\n");
        assertThat(dolium("start", "-a", "nothing").err()).isEqualTo("dolium: No such container: nothing\n");
        assertThat(ok("ps", "-a", "--format", "{{.Status}}")).startsWith("Exited (7) ");
        assertThat(ok("rm", "web")).isEqualTo("web\n");
    }
}
