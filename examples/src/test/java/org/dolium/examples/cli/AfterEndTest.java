// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.dolium.container.AfterEnd;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.dolium.container.LogLine;
import org.dolium.container.RestartPolicy;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `--restart`, `--rm` and `--timeout` of detached containers, and the verbs that have to do with them.
@Tag("kernel")
@Timeout(300)
@ExtendWith(LeakCheck.class)
class AfterEndTest {
    private static final Duration LONG = Duration.ofSeconds(120);

    @TempDir
    Path directory;

    private Path state;

    @BeforeEach
    void make() {
        state = directory.resolve("state");
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        dolium("rm", "-f", "web");
        await("the end of all", () -> containers().isEmpty());
    }

    private CommandLineRun dolium(String verb, String... arguments) {
        List<String> words = new ArrayList<>(List.of(verb, "--state", state.toString()));
        words.addAll(List.of(arguments));
        return CommandLineRun.here(words.toArray(String[]::new));
    }

    private String said(String verb, String... arguments) {
        CommandLineRun run = dolium(verb, arguments);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run.out().strip();
    }

    private String inspected(String what) {
        return dolium("inspect", "--format", "{{" + what + "}}", "web").out().strip();
    }

    private List<Path> containers() throws IOException {
        try (Stream<Path> all = Files.list(state.resolve("containers"))) {
            return all.toList();
        }
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void a_command_that_fails_is_run_again_as_often_as_was_said() throws Exception {
        said("run", "-d", "--name", "web", "--restart", "on-failure:2", "--", "sh", "-c", "echo run; exit 5");
        DetachedContainer web = Containers.at(state).find("web").orElseThrow();
        await("the end of two more runs", () -> web.starts() == 3 && web.state() == DetachedState.EXITED);
        assertThat(web.logs().lines()).extracting(LogLine::text).containsExactly("run", "run", "run");
        assertThat(inspected(".RestartCount")).isEqualTo("2");
        assertThat(inspected(".HostConfig.RestartPolicy.Name") + inspected(".HostConfig.RestartPolicy.MaximumRetryCount")).isEqualTo("on-failure2");
        assertThat(inspected(".State.ExitCode")).isEqualTo("5");
        assertThat(inspected(".State.Error")).isEmpty();
    }

    @Test
    void one_that_is_run_again_always_is_seen_to_pause_and_can_be_stopped_and_started() throws Exception {
        said("run", "-d", "--name", "web", "--restart", "always", "--", "false");
        await("a pause", () -> said("ps", "--format", "{{.State}} {{.Status}}").startsWith("restarting Restarting (1)"));
        await("a longer pause", () -> inspected(".State.Restarting").equals("true") && Integer.parseInt(inspected(".RestartCount")) >= 4);
        assertThat(dolium("rm", "web").err()).contains("container is restarting: stop the container before removing or force remove");
        said("stop", "web");
        assertThat(inspected(".State.Restarting") + inspected(".State.Status")).isEqualTo("falseexited");
        assertThat(said("start", "--all", "--filter", "restart-policy=unless-stopped")).isEmpty();
        assertThat(said("start", "--all", "--filter", "restart-policy=always")).hasSize(64);
        assertThat(dolium("start", "--all", "web").status()).isEqualTo(125);
        assertThat(dolium("start", "--filter", "restart-policy=always", "web").status()).isEqualTo(125);
        assertThat(dolium("start").err()).contains("Missing required parameter: 'CONTAINER'");
    }

    @Test
    void one_that_was_stopped_is_left_alone_by_those_who_start_all() {
        said("run", "-d", "--name", "web", "--restart", "unless-stopped", "--", "sleep", "1000");
        said("stop", "-t", "0", "web");
        assertThat(said("start", "--all", "--filter", "restart-policy=unless-stopped")).isEmpty();
        assertThat(said("start", "--all")).hasSize(64);
        assertThat(inspected(".State.Running")).isEqualTo("true");
    }

    @Test
    void one_with_rm_is_gone_after_its_end_and_who_waits_hears_of_it() throws Exception {
        said("run", "-d", "--rm", "--name", "web", "--", "sh", "-c", "sleep 1; exit 6");
        assertThat(said("wait", "web")).isEqualTo("6");
        await("the removal", () -> containers().isEmpty());
        assertThat(dolium("run", "-d", "--rm", "--restart", "always", "--", "true").err())
                .contains("conflicting options: cannot specify both --restart and --rm");
    }

    @Test
    void one_with_a_time_limit_is_killed_then() {
        said("run", "-d", "--name", "web", "--timeout", "1s", "--", "sleep", "1000");
        assertThat(said("wait", "web")).isEqualTo("124");
        assertThat(inspected(".State.ExitCode")).isEqualTo("124");
    }

    @Test
    void a_policy_can_be_changed_while_it_runs() throws Exception {
        said("run", "-d", "--name", "web", "--", "sleep", "1000");
        assertThat(said("update", "--restart", "on-failure:7", "web")).isEqualTo("web");
        assertThat(inspected(".HostConfig.RestartPolicy.MaximumRetryCount")).isEqualTo("7");
        ProcessHandle.of(Long.parseLong(inspected(".State.Pid"))).orElseThrow().destroyForcibly();
        await("a restart", () -> inspected(".RestartCount").equals("1") && inspected(".State.Running").equals("true"));
        assertThat(dolium("update", "--restart", "sometimes", "web").err()).contains("restart policy 'sometimes' is unknown");
        said("rm", "-f", "web");
        said("create", "--rm", "--name", "web", "--", "true");
        assertThat(dolium("update", "--restart", "always", "web").err()).contains("because AutoRemove is enabled");
    }

    @Test
    void what_can_not_be_started_again_is_told() throws Exception {
        Path bound = Files.createDirectory(directory.resolve("bound"));
        said("run", "-d", "--name", "web", "--restart", "on-failure:1", "-v", bound + ":/mnt", "--", "sleep", "1000");
        Files.delete(bound);
        ProcessHandle.of(Long.parseLong(inspected(".State.Pid"))).orElseThrow().destroyForcibly();
        await("that it is told", () -> inspected(".State.Error").contains(bound.toString()));
        assertThat(inspected(".State.Running")).isEqualTo("false");
    }

    /// As after the JDK was exchanged for one in another directory.
    @Test
    void the_command_of_what_follows_is_the_one_of_who_starts_it() throws Exception {
        AfterEnd gone = AfterEnd.execute(List.of("/no/such/jdk/bin/java", "after-end")).restart(RestartPolicy.onFailure(4)).timeout(LONG);
        said("create", "--name", "web", "--restart", "on-failure:4", "--", "sleep", "1000");
        DetachedContainer web = Containers.at(state).find("web").orElseThrow();
        AfterEnd made = web.afterEnd().orElseThrow();
        for (String verb : List.of("start", "restart", "update")) {
            web.afterEnd(gone);
            said(verb, verb.equals("update") ? new String[] {"--restart", "on-failure:4", "web"} : new String[] {"web"});
            AfterEnd after = web.afterEnd().orElseThrow();
            assertThat(after.command()).as(verb).isEqualTo(made.command());
            assertThat(after.policy()).isEqualTo(RestartPolicy.onFailure(4));
            assertThat(after.limit()).contains(LONG);
            assertThat(after.removes()).isFalse();
        }
        said("rm", "-f", "web");
        said("create", "--rm", "--name", "web", "--", "sleep", "1000");
        DetachedContainer removed = Containers.at(state).find("web").orElseThrow();
        removed.afterEnd(AfterEnd.execute(gone.command()).remove());
        said("start", "web");
        assertThat(removed.afterEnd().orElseThrow().removes()).isTrue();
        assertThat(removed.afterEnd().orElseThrow().command()).isEqualTo(made.command());
    }

    @Test
    void one_whose_record_is_damaged_keeps_no_other_from_being_started() throws Exception {
        said("create", "--name", "bad", "--restart", "always", "--", "true");
        said("create", "--name", "web", "--restart", "always", "--", "sleep", "1000");
        Path record = state.resolve("containers").resolve(Containers.at(state).find("bad").orElseThrow().id()).resolve("after");
        Files.writeString(record, "damaged");
        CommandLineRun started = dolium("start", "--all", "--filter", "restart-policy=always");
        assertThat(started.status()).isNotZero();
        assertThat(started.err()).contains("is damaged");
        assertThat(inspected(".State.Running")).isEqualTo("true");
        Files.delete(record);
        said("rm", "-f", "bad");
    }
}
