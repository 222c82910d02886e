// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.kernel.HostProbe;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows C-06 and P-05 of the security matrix where AppArmor is on, in a [org.dolium.testing.TestVm].
@ExtendWith(LeakCheck.class)
class AppArmorCases extends SecurityRows {
    private static final String PROFILE = "dolium-rows";
    private static final String TEXT = "profile dolium-rows flags=(attach_disconnected,mediate_deleted) {\n"
            + "  file,\n  capability,\n  network,\n  signal,\n  umount,\n  deny /secret rw,\n}\n";
    private static final String LABEL = "cat /proc/self/attr/current; cat /secret";
    private static final String STEPS = "lsm_[gs]et_self_attr\\(.*|.*LSM_ID_APPARMOR.*|expect .* has the label .*|"
            + "read\\(\\$\\d+, \\[label\\].*";

    @TempDir
    static Path profiles;

    @BeforeAll
    static void load() throws Exception {
        MustRun.root();
        parser("-r", Files.writeString(profiles.resolve("rows"), TEXT));
    }

    @AfterAll
    static void unload() throws Exception {
        parser("-R", profiles.resolve("rows"));
    }

    private static void parser(String option, Path file) throws Exception {
        assertThat(new ProcessBuilder(MustRun.program("apparmor_parser"), "-K", option, file.toString())
                        .inheritIO().start().waitFor())
                .isZero();
    }

    private ContainerBuilder confined(Mode mode, String script) throws Exception {
        Files.writeString(root.resolve("secret"), "secret\n");
        return tiny(mode, script).appArmor(PROFILE);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_the_profile_is_in_force_from_the_first_instruction_on(Mode mode) throws Exception {
        Result result = confined(mode, LABEL).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("dolium-rows (enforce)\n");
        assertThat(result.stderr()).contains("/secret").contains("Permission denied");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_the_host_sees_the_label(Mode mode) throws Exception {
        try (Container container = confined(mode, "sleep 100").start()) {
            assertThat(Files.readString(Path.of("/proc/" + container.pid() + "/attr/current")))
                    .isEqualTo("dolium-rows (enforce)\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_the_label_is_set_by_system_calls_where_there_are_some(Mode mode) throws Exception {
        String plan = confined(mode, "true").explain();
        if (HostProbe.host().kernelAtLeast(6, 8)) {
            assertThat(plan).contains("lsm_set_self_attr(").doesNotContain("self/attr");
        } else {
            assertThat(plan).contains("\"self/attr/apparmor/exec\"").doesNotContain("lsm_");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_a_profile_that_is_not_loaded_ends_the_launch(Mode mode) throws Exception {
        assertThatThrownBy(() -> tiny(mode, "true").appArmor("dolium-no-such-profile").run(LIMIT))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("= -1 ENOENT").hasMessageContaining("apparmor_parser -r");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_without_the_control_the_command_is_unconfined(Mode mode) throws Exception {
        ContainerSpec weak = Variant.without(confined(mode, LABEL), STEPS);
        assertThat(output(weak)).isEqualTo("unconfined\nsecret\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_a_label_that_was_not_noted_is_noticed(Mode mode) throws Exception {
        ContainerSpec broken = Variant.without(confined(mode, LABEL), "lsm_set_self_attr\\(.*|write\\(.*LSM_ID_APPARMOR.*");
        assertThatThrownBy(() -> broken.run(LIMIT)).isInstanceOf(LaunchException.class);
    }

    /// What is mounted over /proc/self/attr where the JVM is does not receive the label.
    @ParameterizedTest
    @MethodSource("modes")
    void P_06_the_label_does_not_go_through_the_hosts_proc(Mode mode) throws Exception {
        ContainerBuilder builder = confined(mode, LABEL);
        assertThat(builder.explain()).doesNotContain("\"/proc/self/attr");
        assertThat(output(builder)).startsWith("dolium-rows (enforce)\n");
    }
}
