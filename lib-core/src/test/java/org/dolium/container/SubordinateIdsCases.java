// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Run by [SubordinateIdsTest]. Inside, id 0 is the user; 1 to 1000 and 1001 to 66536 are its two ranges of uids, and 1
/// to 500 and 501 to 70500 those of gids.
@ExtendWith(LeakCheck.class)
class SubordinateIdsCases {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    @TempDir
    Path shared;

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(directory)))
                .userNamespace(UserNamespace.subordinate())
                .command(command);
    }

    private static String numbers(String text) {
        return text.strip().replaceAll("[ \\t]+", " ").replaceAll("(?m)^ ", "");
    }

    @Test
    void every_granted_range_is_mapped() throws Exception {
        Result uids = tiny("cat", "/proc/self/uid_map").run(LIMIT);
        assertThat(uids.stderr()).isEmpty();
        assertThat(numbers(uids.stdout())).isEqualTo("0 " + PlainUser.UID + " 1\n1 200000 1000\n1001 300000 65536");
        Result gids = tiny("cat", "/proc/self/gid_map").run(LIMIT);
        assertThat(numbers(gids.stdout())).isEqualTo("0 " + PlainUser.UID + " 1\n1 400000 500\n501 500000 70000");
    }

    @Test
    void a_user_of_the_root_file_system_has_its_own_groups() throws Exception {
        Result result = tiny("sh", "-c", "id -u; id -g; id -G; grep CapEff /proc/self/status").user("alice").run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.stdout()).isEqualTo("1000\n1000\n1000 29 50\nCapEff:\t0000000000000000\n");
    }

    @Test
    void the_last_granted_id_can_be_used_and_the_next_one_not() throws Exception {
        assertThat(tiny("id", "-u").user("66536:70500").run(LIMIT).stdout()).isEqualTo("66536\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("id").user("66537:0").run(LIMIT))
                .withMessageContaining("user 66537 is not mapped");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("id").user("0:70501").run(LIMIT))
                .withMessageContaining("group 70501 is not mapped");
    }

    @Test
    void files_belong_to_the_subordinate_ids_outside() throws Exception {
        String script = "for id in 0 1 1000 1001; do touch /mnt/$id && busybox chown $id:$id /mnt/$id; done; stat -c %u /mnt/1000";
        Result result = tiny("sh", "-c", script).bind(shared, "/mnt").run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.stdout()).isEqualTo("1000\n");
        assertThat(owners("0")).isEqualTo(PlainUser.UID + ":" + PlainUser.UID);
        assertThat(owners("1")).isEqualTo("200000:400000");
        assertThat(owners("1000")).isEqualTo("200999:500499");
        assertThat(owners("1001")).isEqualTo("300000:500500");
    }

    private String owners(String file) throws IOException {
        return Files.getAttribute(shared.resolve(file), "unix:uid") + ":" + Files.getAttribute(shared.resolve(file), "unix:gid");
    }

    @Test
    void a_user_of_a_subordinate_id_writes_to_an_overlay_of_its_own() throws Exception {
        Result result = tiny("sh", "-c", "echo x >/tmp/f && stat -c %u:%g /tmp/f")
                .rootfs(Rootfs.overlay(TinyRoot.make(directory)))
                .user("alice")
                .run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.stdout()).isEqualTo("1000:1000\n");
        assertThat(directory.resolve("tmp/f")).doesNotExist();
    }

    /// What is written in the host's /proc is written by a process whose ids have just been mapped.
    @Test
    void the_oom_score_and_the_clocks_can_be_set() throws Exception {
        Result result = tiny("cat", "/proc/self/oom_score_adj", "/proc/uptime")
                .oomScoreAdj(700)
                .timeOffsets(Duration.ZERO, Duration.ofDays(1000))
                .run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        String[] lines = result.stdout().split("[\\n ]");
        assertThat(lines[0]).isEqualTo("700");
        assertThat(Double.parseDouble(lines[1])).isGreaterThan(Duration.ofDays(1000).toSeconds());
    }

    @Test
    void a_range_that_is_not_granted_is_refused_with_the_remedy() throws Exception {
        IdMaps foreign = IdMaps.parse("0:" + PlainUser.UID + ":1,1:100000:10");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> tiny("id").userNamespace(UserNamespace.mapped(foreign, foreign)).run(LIMIT))
                .withMessageStartingWith("newuidmap failed with exit code 1: ")
                .withMessageContaining("usermod --add-subuids");
    }

    /// The uids are mapped by then; the child that waits for its gids must not stay.
    @Test
    void gids_that_are_not_granted_are_refused_too() throws Exception {
        IdMaps good = IdMaps.parse("0:" + PlainUser.UID + ":1,1:200000:10");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> tiny("id").userNamespace(UserNamespace.mapped(good, good)).run(LIMIT))
                .withMessageStartingWith("newgidmap failed with exit code 1: ");
    }
}
