// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Row C-06 of the security matrix where a security module is missing; `AppArmorCases` has it where it is there.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LabelSecurityTest extends SecurityRows {
    @ParameterizedTest
    @MethodSource("modes")
    void C_06_a_profile_without_apparmor_is_an_error_that_says_what_to_do(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran").appArmor("docker-default");
        Path enabled = Path.of("/sys/module/apparmor/parameters/enabled");
        if (Files.exists(enabled) && Files.readString(enabled).startsWith("Y")) {
            assertThat(builder.explain()).contains("LSM_ID_APPARMOR");
            return;
        }
        assertThatThrownBy(() -> builder.run(LIMIT))
                .isInstanceOf(UnsupportedHostException.class)
                .hasMessage("label 'docker-default': this host has no AppArmor\n"
                        + "  hint: boot with apparmor=1 security=apparmor");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void C_06_a_context_without_selinux_is_an_error_that_says_what_to_do(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran").seLinux("system_u:system_r:container_t:s0");
        if (Files.readString(Path.of("/proc/filesystems")).contains("selinuxfs")) {
            assertThat(builder.explain()).contains("LSM_ID_SELINUX");
            return;
        }
        assertThatThrownBy(() -> builder.run(LIMIT))
                .isInstanceOf(UnsupportedHostException.class).hasMessageContaining("this host has no SELinux");
    }

    /// Labels of files are extended attributes.
    @ParameterizedTest
    @MethodSource("modes")
    void C_07_a_launch_labels_processes_and_never_files(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "true").bind(canary.directory(), "/mnt").bindReadOnly(Path.of("/usr"), "/usr").tmpfs("/tmp");
        assertThat(builder.explain()).contains("move_mount(").doesNotContain("xattr(");
        for (Method method : ContainerBuilder.class.getMethods()) {
            assertThat(method.getName().toLowerCase(Locale.ROOT)).doesNotContain("relabel");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\nb", "a\0b", "ü"})
    void C_06_a_label_with_other_characters_is_refused(String label) {
        assertThatThrownBy(() -> tiny(Mode.here().get(0), "true").appArmor(label).build())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
