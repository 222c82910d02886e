// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limits;
import org.dolium.kernel.HostProbe;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A machine that has only cgroup v1, as if there were no v2 beside it: the freezer of v1, and looking instead of being
/// told.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LegacyFreezingTest {
    @TempDir
    Path directory;

    private Cgroup group;
    private Process talker;

    @BeforeEach
    void start() throws Exception {
        MustRun.root();
        CgroupChoice here = CgroupChoice.of(CgroupProbe.probe(HostProbe.host()), CgroupPlacement.AUTOMATIC);
        MustRun.require(here instanceof CgroupChoice.Legacy, "cgroup v1");
        group = new Cgroups(new CgroupChoice.Legacy(((CgroupChoice.Legacy) here).bases(), ""), false).create(null, Limits.none());
        String script = "while :; do echo x; sleep 0.01; done";
        talker = new ProcessBuilder("sh", "-c", script).redirectOutput(directory.resolve("out").toFile()).start();
        for (CgroupPart part : group.parts()) {
            part.directory().write("cgroup.procs", "" + talker.pid());
        }
    }

    @AfterEach
    void end() throws Exception {
        group.close();
        talker.destroyForcibly().waitFor();
    }

    private void assertTalks() throws Exception {
        long before = Files.size(directory.resolve("out"));
        Await.that("it talks", () -> Files.size(directory.resolve("out")) > before);
    }

    private boolean talks() throws IOException, InterruptedException {
        long before = Files.size(directory.resolve("out"));
        Thread.sleep(Duration.ofMillis(300));
        return Files.size(directory.resolve("out")) > before;
    }

    private static void await(BooleanSupplier condition) throws Exception {
        Await.that("it comes to be so", condition::getAsBoolean);
    }

    @Test
    void the_freezer_stops_it_and_lets_it_go_on() throws Exception {
        assertThat(group.unified()).isNull();
        assertThat(group.directory(Controller.FREEZER)).isNotNull();
        try (Freezing freezing = Freezing.of(group);
                EventFiles events = EventFiles.open(group)) {
            assertThat(freezing.news()).isNull();
            assertTalks();
            freezing.want(true);
            await(() -> freezing.is(true));
            assertThat(talks()).isFalse();
            assertThat(events.read().since(EventCounts.NONE)).containsExactly(new CgroupEvent.Frozen());
            freezing.want(false);
            await(() -> freezing.is(false));
            assertTalks();
            assertThat(events.read()).isEqualTo(EventCounts.NONE);
        }
    }

    @Test
    void that_nobody_is_there_any_more_can_be_seen() throws Exception {
        try (EventFiles events = EventFiles.open(group)) {
            assertThat(events.mustBeLookedAt()).isTrue();
            assertThat(events.read()).isEqualTo(EventCounts.NONE);
            group.kill();
            await(() -> events.read().equals(EventCounts.NONE.emptied()));
        }
    }

    @Test
    void what_is_frozen_is_gone_soon_after_close() throws Exception {
        try (Freezing freezing = Freezing.of(group)) {
            freezing.want(true);
            await(() -> freezing.is(true));
            long begin = System.nanoTime();
            group.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
            assertThat(talker.waitFor()).isEqualTo(128 + 9);
            assertThat(freezing.is(true)).isFalse();
        }
    }

    @Test
    void files_of_a_group_that_was_removed_say_so() throws Exception {
        try (EventFiles events = EventFiles.open(group);
                UsageFiles usage = UsageFiles.open(group)) {
            assertThat(usage.refresh()).isTrue();
            assertThat(usage.tasks()).isPositive();
            group.close();
            assertThat(events.read()).isNull();
            assertThat(usage.refresh()).isFalse();
            assertThat(usage.tasks()).isPositive();
        }
    }
}
