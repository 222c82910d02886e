// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.container.Result;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The options of `dolium run` about kernel parameters, labels and Landlock.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ConfinementOptionsTest {
    private static void refused(String message, String... arguments) {
        assertThatIllegalArgumentException().isThrownBy(() -> CommandLineRun.builder(arguments).build())
                .withMessageContaining(message);
    }

    @Test
    void sysctl_sets_a_parameter_of_the_container() throws Exception {
        assertThat(CommandLineRun.output(
                        "--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.domainname=a=b", "--", "sh", "-c",
                        "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/domainname"))
                .isEqualTo("1\na=b\n");
        refused("belongs to the host", "--sysctl", "kernel.core_pattern=x", "--", "true");
        refused("needs a new net namespace", "--network", "host", "--sysctl", "net.ipv4.ip_forward=1", "--", "true");
        refused("is not NAME=VALUE", "--sysctl", "net.ipv4.ip_forward", "--", "true");
    }

    @Test
    void landlock_allows_only_what_is_listed() throws Exception {
        Result result = CommandLineRun.builder(
                        "--landlock", "exec=/usr:/bin:/lib", "--landlock", "ro=/etc", "--landlock", "rw=/tmp:/dev", "--", "sh", "-c",
                        "echo x > /tmp/x; cat /tmp/x; test -r /etc/passwd && wc -l < /etc/passwd | grep -c .; cat /proc/version")
                .run();
        assertThat(result.stdout()).isEqualTo("x\n1\n");
        assertThat(result.stderr()).contains("/proc/version: Permission denied");
        refused("'write' is unknown", "--landlock", "write=/tmp", "--", "true");
        refused("'http' is no port", "--landlock", "bind=http", "--", "true");
        refused("is not absolute", "--landlock", "ro=tmp", "--", "true");
    }

    @Test
    void without_namespaces_landlock_is_what_confines() throws Exception {
        Result result = CommandLineRun.builder(
                        "--without-namespaces", "--landlock", "exec=/usr:/bin:/lib:/lib64", "--landlock", "ro=/proc", "--", "sh", "-c",
                        "readlink /proc/self/ns/mnt; cat /etc/passwd")
                .run();
        assertThat(result.stdout().trim()).isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString());
        assertThat(result.stderr()).contains("/etc/passwd: Permission denied");
        refused("needs landlock()", "--without-namespaces", "--", "true");
        refused("uts namespace", "--without-namespaces", "--landlock", "exec=/", "--hostname", "box", "--", "true");
    }

    @Test
    void landlock_limits_ports() throws Exception {
        assertThat(CommandLineRun.builder("--landlock", "bind=80,443", "--landlock", "connect=", "--", "true").explain())
                .contains("LANDLOCK_RULE_NET_PORT, {access=0x1, 80}", "{access=0x1, 443}", "net=3");
    }

    @Test
    void labels_are_asked_for_in_dockers_words() throws Exception {
        if (Files.readString(Path.of("/proc/filesystems")).contains("selinuxfs")) {
            assertThat(CommandLineRun.builder(
                                    "--security-opt", "label=type:spc_t", "--security-opt", "label=level:s0:c1,c2", "--", "true")
                            .explain())
                    .contains("system_u:system_r:spc_t:s0:c1,c2");
        }
        assertThat(CommandLineRun.builder("--security-opt", "label=disable", "--security-opt", "apparmor=unconfined", "--", "true")
                        .explain())
                .doesNotContain("LSM_ID");
        refused("blank", "--security-opt", "apparmor=a b", "--", "true");
        assertThat(CommandLineRun.builder("--security-opt", "label:type:spc_t", "--security-opt", "label=role:r", "--", "true"))
                .isNotNull();
    }

    @Test
    void the_session_keyring_can_be_inherited() throws Exception {
        assertThat(CommandLineRun.builder("--", "true").explain()).contains("KEYCTL_JOIN_SESSION_KEYRING");
        assertThat(CommandLineRun.builder("--security-opt", "keyring=inherited", "--", "true").explain()).doesNotContain("keyctl(");
    }
}
