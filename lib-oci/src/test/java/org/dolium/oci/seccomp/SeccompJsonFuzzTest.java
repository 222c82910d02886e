// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.testing.BpfInterpreter;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Any text is a profile or an IllegalArgumentException:
///
/// * its message is short and printable;
/// * a profile that was read is written, in both forms, and read again as the same;
/// * it is compiled to a program that the kernel takes, or refused by an IllegalArgumentException;
/// * in a second and 128 MiB, for texts up to 64 KiB.
@Tag("fuzz")
class SeccompJsonFuzzTest {
    private static final List<String> WORDS = List.of(
            "\"defaultAction\":", "\"SCMP_ACT_ERRNO\"", "\"SCMP_ACT_ALLOW\"", "\"SCMP_ACT_NOTIFY\"", "\"SCMP_ACT_TRACE\"",
            "\"SCMP_ACT_KILL_PROCESS\"", "\"errnoRet\":", "\"defaultErrnoRet\":38,", "\"syscalls\":[", "\"names\":[", "\"name\":",
            "\"action\":", "\"args\":[", "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}",
            "{\"index\":1,\"value\":255,\"valueTwo\":3,\"op\":\"SCMP_CMP_MASKED_EQ\"}", "\"SCMP_CMP_GT\"", "\"SCMP_CMP_NE\"",
            "\"valueTwo\":", "\"includes\":{", "\"excludes\":{", "\"caps\":[\"CAP_SYS_ADMIN\"]", "\"arches\":[\"amd64\"]",
            "\"minKernel\":\"4.8\"", "\"architectures\":[", "\"archMap\":[", "\"SCMP_ARCH_X86\"", "\"subArchitectures\":",
            "\"flags\":[]", "\"listenerPath\":\"\"", "\"socket\"", "\"ioctl\"", "\"mkdir\"", "\"clone\"", "null", "true", "1e5",
            "\\u0000", "{", "}", "[", "]", ",", ":", "\"", "//", "/*", "\ufeff", "NaN");

    @Test
    void J_09_any_text_is_a_profile_or_refused() throws Exception {
        Fuzz.Report report = Fuzz.of("seccomp-json", WORDS, 1000, 128 << 20).run(SeccompJsonFuzzTest::feed);
        assertThat(report.runs()).isGreaterThan(40);
        assertThat(report.kinds()).containsKey("1 rules compiled").hasSizeGreaterThan(14);
    }

    private static String feed(byte[] input) {
        SeccompProfile profile;
        try {
            profile = SeccompJson.parse(new String(input, StandardCharsets.UTF_8)).profile();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).hasSizeLessThan(500).matches("[ -~]+");
            return e.getMessage().replaceAll("valid JSON.*|\\d+|'.*'", "");
        }
        assertThat(SeccompJson.parse(SeccompJson.toDocker(profile)).profile()).isEqualTo(profile);
        String outcome = "";
        for (Arch arch : Arch.values()) {
            SeccompTarget target = new SeccompTarget(arch, 0x00000000a80425fbL, 6, 1);
            SeccompProfile read = SeccompJson.parse(SeccompJson.toOci(profile, target)).profile();
            assertThat(read).isEqualTo(profile.at(target));
            String compiled = compile(profile, target);
            assertThat(compile(read, target)).isEqualTo(compiled);
            outcome = compiled;
        }
        return Math.min(profile.rules().size(), 12) + " rules " + outcome;
    }

    private static String compile(SeccompProfile profile, SeccompTarget target) {
        try {
            assertThat(new BpfInterpreter(profile.compile(target)).size()).isBetween(1, 4096);
            return "compiled";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage()).replaceAll("\\d+|(?<=of )\\w+,|as .*", "");
        }
    }
}
