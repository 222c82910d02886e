// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.OsRoots;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A Debian whose process 1 is sysvinit, and that goes on without the JVM that has started it.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class DetachedSysvinitTest extends DetachedCases {
    @Test
    void it_boots_and_shuts_down_when_another_jvm_stops_it() throws Exception {
        MustRun.root();
        Path out = Files.createDirectory(directory.resolve("out"));
        Path log = out.resolve("log");
        DetachedContainer container = containers.start(ContainerBuilder.create().rootfs(Rootfs.overlay(OsRoots.sysvinit()))
                .osContainer().userNamespace(SystemdTest.PRIVATE).bind(out, "/out"));
        await("its diary", () -> Files.exists(log) && !Files.readAllLines(log).isEmpty());
        assertThat(container.stopSignal()).isEqualTo(Signal.INT);
        assertThat(said("stop", container.id()))
                .containsExactly(new Stopped(new ExitStatus.Signalled(Signal.HUP, false), false).toString());
        assertThat(Files.readAllLines(log)).containsExactly("diary start in runlevel 2", "diary stop in runlevel 6");
    }
}
