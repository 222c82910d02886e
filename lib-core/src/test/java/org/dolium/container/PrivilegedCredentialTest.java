// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows C that need several ids of the host.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class PrivilegedCredentialTest extends SecurityRows {
    private static final String TWENTY_GROUPS = "2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,"
            + "2011,2012,2013,2014,2015,2016,2017,2018,2019,2020";

    @BeforeEach
    void onlyAsRoot() {
        MustRun.root();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_04_groups_are_the_users_and_always_include_the_primary_one(Mode mode) throws Exception {
        assertThat(output(tiny(mode, "grep Groups /proc/self/status").user("1000:1000"))).matches("Groups:\\s*1000 \n");
        assertThat(output(tiny(mode, "grep Groups /proc/self/status").user("alice"))).matches("Groups:\\s*29 50 1000 \n");
        assertThat(output(tiny(mode, "grep Groups /proc/self/status"))).matches("Groups:\\s*0 \n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_04_a_file_closed_to_the_primary_group_is_closed(Mode mode) throws Exception {
        Path file = Files.writeString(root.resolve("closed"), "closed\n");
        int group = mode == Mode.RU ? 101000 : 1000;
        assertThat(new ProcessBuilder("chgrp", "" + group, file.toString()).start().waitFor()).isZero();
        assertThat(new ProcessBuilder("chmod", "604", file.toString()).start().waitFor()).isZero();
        assertThat(output(tiny(mode, "cat /closed").user("1000:1000"))).contains("Permission denied");
        assertThat(output(tiny(mode, "cat /closed").user("1000:1001"))).isEqualTo("closed\n");
    }

    @Test
    void C_04_the_jvms_groups_are_not_the_commands() throws Exception {
        String script = "exec setpriv --groups " + TWENTY_GROUPS + " \"$@\"";
        String seen = Situation.run(
                List.of("env"), script, Files.createDirectory(directory.resolve("scratch")), Attempt.class,
                root.toString(), "groups");
        assertThat(seen).matches("Groups:\\s*1000 \n");
    }

    @Test
    void C_04_without_the_control_the_jvms_groups_stay() throws Exception {
        String script = "exec setpriv --groups " + TWENTY_GROUPS + " \"$@\"";
        String seen = Situation.run(
                List.of("env"), script, Files.createDirectory(directory.resolve("scratch")), Attempt.class,
                root.toString(), "groups-without-setgroups");
        assertThat(seen).contains("2001 2002");
    }

    @Test
    void C_01_a_file_with_inheritable_capabilities_gives_none() throws Exception {
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Path cat = Files.copy(root.resolve("bin/busybox"), programs.resolve("cat"));
        assertThat(cat.toFile().setExecutable(true, false)).isTrue();
        String setcap = MustRun.program("setcap");
        assertThat(new ProcessBuilder(setcap, "cap_chown+ei", cat.toString()).start().waitFor()).isZero();
        ContainerBuilder builder = tiny(Mode.R, "/mnt/cat /proc/self/status")
                .user("1000:1000").noNewPrivileges(false).mount(Bind.of(programs, "/mnt").allowSetUserId());
        assertThat(ProcessStatus.parse(output(builder)).mask("CapEff")).isZero();
        // the negative control: with the capability inheritable, the same file gives it
        builder.capabilities(org.dolium.capability.CapabilitySets.none().plusAmbient(Capability.CHOWN));
        ContainerSpec weak = Variant.without(builder, "prctl\\(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE.*");
        assertThat(ProcessStatus.parse(output(weak)).mask("CapEff")).isEqualTo(Capability.CHOWN.bit());
    }

    @Test
    void C_12_the_upper_layer_of_an_overlay_is_private() throws Exception {
        Path parent = Files.createDirectory(directory.resolve("uppers"));
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(Rootfs.overlay(root).upperOnDisk(parent))
                .command("sleep", "100");
        try (Container container = builder.start()) {
            assertThat(parent.toFile().list()).hasSize(1);
            Path upper = parent.resolve(String.valueOf(parent.toFile().list()[0]));
            assertThat(Files.getAttribute(upper, "unix:mode")).isEqualTo(0040700);
            assertThat(container.isAlive()).isTrue();
        }
        assertThat(parent).isEmptyDirectory();
    }
}
