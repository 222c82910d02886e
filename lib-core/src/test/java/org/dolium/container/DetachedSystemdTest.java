// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A Debian whose process 1 is systemd, and that goes on without the JVM that has started it.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class DetachedSystemdTest extends DetachedCases {
    private Path out;

    @BeforeEach
    void make_a_place_for_the_log() throws Exception {
        MustRun.root();
        out = Files.createDirectory(directory.resolve("out"));
    }

    private ContainerBuilder debian(boolean privateUsers) throws Exception {
        return SystemdTest.debian(out).userNamespace(privateUsers ? SystemdTest.PRIVATE : UserNamespace.host());
    }

    private List<String> log() throws IOException {
        Path log = out.resolve("log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /// What systemd has made in the container's group.
    private Stream<Path> units(String id) throws IOException {
        return groups(id).stream().map(group -> group.resolve("inner/system.slice/second.service")).filter(Files::exists);
    }

    private void booted(int lines) throws Exception {
        await("'second up' in " + out, () -> log().size() == lines && log().getLast().equals("second up"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void it_boots_is_found_by_others_and_shuts_down_in_order(boolean privateUsers) throws Exception {
        DetachedContainer container = containers.start(debian(privateUsers).memory(MemorySize.mebibytes(512)).pids(300));
        booted(2);
        assertThat(units(container.id())).as("control: it has groups of its own").isNotEmpty();

        DetachedContainer found = Containers.at(containers.directory()).find(container.shortId()).orElseThrow();
        assertThat(found.stats().pids().current().orElseThrow()).isGreaterThan(3);
        found.update(Limits.none().with(Limit.pids(200)));
        assertThat(found.stats().pids().limit()).hasValue(200);
        assertThat(found.exec("grep", "^0:", "/proc/self/cgroup").run(LONG).stdout()).isEqualTo("0::/../exec\n");
        assertThat(found.exec("systemctl", "is-active", "second.service").run(LONG).stdout()).isEqualTo("active\n");
        found.pause();
        assertThat(container.state()).isEqualTo(DetachedState.PAUSED);
        found.resume();
        assertThat(said("stop", container.id())).containsExactly(new Stopped(new ExitStatus.Exited(0), false).toString());
        assertThat(log()).containsExactly("first up", "second up", "second down", "first down");
        assertThat(groups(container.id())).isEmpty();
    }

    @Test
    void it_is_started_again_shows_on_its_console_how_it_boots_and_leaves_nothing_when_it_is_killed() throws Exception {
        DetachedContainer container = containers.start(debian(true));
        booted(2);
        container.stop(LONG);
        container.start(debian(true).terminal());
        booted(6);
        await("the console", () -> shown(container).contains("second.service"));
        assertThat(shown(container)).contains("Debian GNU/Linux");
        container.pause();
        container.remove(true);
        assertThat(groups(container.id())).isEmpty();
        assertThat(log()).as("nothing had time to end").hasSize(6);
    }

    private static String shown(DetachedContainer container) throws Exception {
        StringBuilder shown = new StringBuilder();
        container.logs().lines().forEach(line -> shown.append(line.text()).append('\n'));
        return shown.toString();
    }
}
