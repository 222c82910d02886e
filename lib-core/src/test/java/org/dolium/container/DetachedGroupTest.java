// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Stats;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The cgroups of detached containers: made by one JVM, found again by others.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class DetachedGroupTest extends DetachedCases {
    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private DetachedContainer found(DetachedContainer made) throws Exception {
        return Containers.at(containers.directory()).find(made.id()).orElseThrow();
    }

    @Test
    void it_stands_still_and_goes_on() throws Exception {
        DetachedContainer container = containers.start(service());
        awaitLine(container, "ready");
        container.pause();
        assertThat(found(container).state()).isEqualTo(DetachedState.PAUSED);
        container.pause();
        found(container).resume();
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        found(container).pause();
        assertThat(container.stop(LONG)).as("one that is paused goes on, so that it can end")
                .isEqualTo(new Stopped(new ExitStatus.Exited(7), false));
    }

    @Test
    void one_that_is_paused_can_be_killed_and_removed() throws Exception {
        DetachedContainer killed = containers.start(service());
        killed.pause();
        assertThat(killed.kill(Signal.KILL)).isTrue();
        assertThat(killed.waitFor(LONG)).contains(new ExitStatus.Signalled(Signal.KILL, false));
        DetachedContainer removed = containers.start(service());
        removed.pause();
        removed.remove(true);
        assertThat(groups(removed.id())).isEmpty();
    }

    @Test
    void what_it_uses_is_counted_and_limits_can_be_changed_by_others() throws Exception {
        DetachedContainer made = containers.start(service().memory(MemorySize.mebibytes(64)).pids(50));
        awaitLine(made, "ready");
        DetachedContainer container = found(made);
        Stats stats = container.stats();
        assertThat(stats.pids().current().orElseThrow()).isPositive();
        assertThat(stats.memory().currentBytes().orElseThrow()).isPositive();
        container.update(Limits.none().with(Limit.memoryMax(128 << 20)).with(Limit.pids(60)));
        found(made).update(Limits.none().with(Limit.memoryMax(96 << 20)));
        assertThat(found(made).stats().memory().limitBytes()).hasValue(96 << 20);
        assertThatThrownBy(() -> container.update(Limits.none().with(Limit.devices(DeviceRule.standard()))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_lack_of_memory_is_known_afterwards_and_a_kill_is_told_from_it() throws Exception {
        DetachedContainer greedy = containers.start(
                script("x=12345678; while :; do x=$x$x; done").memory(MemorySize.mebibytes(32)));
        assertThat(greedy.waitFor(LONG)).contains(new ExitStatus.OutOfMemory());
        assertThat(groups(greedy.id())).isEmpty();
        assertThat(found(greedy).exitStatus()).contains(new ExitStatus.OutOfMemory());
    }

    private DetachedContainer endedByLackOfMemory() throws Exception {
        DetachedContainer greedy = containers.start(
                script("x=12345678; while :; do x=$x$x; done").memory(MemorySize.mebibytes(32)));
        await("the end", () -> greedy.state() == DetachedState.EXITED);
        return greedy;
    }

    /// As systemd does when it stops a service whose processes go on: the container is below the service's own group.
    @Test
    void a_lack_of_memory_is_known_although_somebody_else_has_removed_the_group() throws Exception {
        DetachedContainer greedy = endedByLackOfMemory();
        List<Path> groups = groups(greedy.id());
        assertThat(groups).isNotEmpty();
        for (Path group : groups) {
            Files.delete(group);
        }
        assertThat(found(greedy).exitStatus()).contains(new ExitStatus.OutOfMemory());
    }

    @Test
    void a_lack_of_memory_is_known_after_a_start_that_fails() throws Exception {
        DetachedContainer greedy = endedByLackOfMemory();
        assertThatThrownBy(() -> greedy.start(tiny("/no/such/program"))).isInstanceOf(IOException.class);
        assertThat(found(greedy).exitStatus()).contains(new ExitStatus.OutOfMemory());
        assertThat(groups(greedy.id())).isEmpty();
    }

    @Test
    void the_group_of_one_that_has_ended_is_removed_by_whoever_reclaims() throws Exception {
        DetachedContainer container = containers.start(script("exit 2"));
        awaitEnd(container);
        assertThat(groups(container.id())).as("control: nobody has looked yet how it ended").isNotEmpty();
        assertThat(containers.reclaim().ended()).containsExactly(container.id());
        assertThat(groups(container.id())).isEmpty();
        assertThat(containers.reclaim().ended()).isEmpty();
        assertThat(container.exitStatus()).contains(new ExitStatus.Exited(2));
    }

    @Test
    void without_a_group_there_is_nothing_to_pause_or_to_count() throws Exception {
        DetachedContainer container = containers.start(service().cgroup(CgroupPlacement.none()));
        awaitLine(container, "ready");
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        assertThatThrownBy(container::pause).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(container::stats).isInstanceOf(IllegalStateException.class);
        assertThat(container.stop(LONG).status()).isEqualTo(new ExitStatus.Exited(7));
    }

    @Test
    void what_it_writes_to_the_disk_is_there_at_its_next_start_and_goes_with_it() throws Exception {
        Path parent = java.nio.file.Files.createDirectory(directory.resolve("upper"));
        Rootfs overlay = Rootfs.overlay(root).upperOnDisk(parent);
        DetachedContainer container = containers.start(script("echo kept > /file").rootfs(overlay), named("disk"));
        container.waitFor();
        assertThat(names(parent)).singleElement().asString().startsWith("dolium.");
        containers.reclaim();
        ContainerLayers layers = found(container).layers().orElseThrow();
        assertThat(layers.upper().resolve("file")).hasContent("kept");
        assertThat(layers.lower()).containsExactly(root);
        container.start(script("cat /file").rootfs(overlay));
        assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(0));
        assertThat(container.logs().tail(1).lines().getFirst().text()).isEqualTo("kept");
        container.remove(false);
        assertThat(names(parent)).isEmpty();
    }

    @Test
    void what_it_wrote_elsewhere_before_goes_when_it_is_started_in_another_place() throws Exception {
        Path before = java.nio.file.Files.createDirectory(directory.resolve("before"));
        Path after = java.nio.file.Files.createDirectory(directory.resolve("after"));
        DetachedContainer container = containers.start(script("echo x > /file").rootfs(Rootfs.overlay(root).upperOnDisk(before)));
        container.waitFor();
        assertThat(names(before)).hasSize(1);
        container.start(script("echo x > /file").rootfs(Rootfs.overlay(root).upperOnDisk(after)));
        container.waitFor();
        assertThat(names(before)).isEmpty();
        assertThat(names(after)).hasSize(1);
        container.remove(false);
        assertThat(names(after)).isEmpty();
    }
}
