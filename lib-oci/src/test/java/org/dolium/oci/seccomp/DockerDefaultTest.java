// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.linux.Arch;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SyscallTable;
import org.dolium.testing.BpfInterpreter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `docker-default.json` says what Docker's own profile of 2026 says, in its structure.
class DockerDefaultTest {
    /// What Dolium adds: programs do without these as if the kernel were older, where Docker's profile says `EPERM`.
    private static final List<String> MISSING = List.of("file_getattr", "file_setattr", "listns", "open_tree_attr");

    private static final long[] BITS = {0x7e020000, 0x40000, 0x400000, 0x80, 0xffffffffL, -1, 1L << 32};

    private static ParsedProfile docker() throws IOException {
        try (InputStream in = DockerDefaultTest.class.getResourceAsStream("/seccomp/docker-default.json")) {
            return SeccompJson.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void it_is_read_without_losses() throws IOException {
        ParsedProfile docker = docker();
        assertThat(docker.unknownCalls()).isEmpty();
        assertThat(docker.foreignArchitectures()).contains("SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM").hasSize(13);
        assertThat(docker.profile().rules()).hasSizeGreaterThan(25);
        assertThat(SeccompJson.parse(SeccompJson.toDocker(docker.profile())).profile()).isEqualTo(docker.profile());
    }

    /// Every number, each with first arguments that the rules of some call look at.
    @ParameterizedTest
    @EnumSource
    void dolium_decides_as_the_file_says(Arch arch) throws IOException {
        SeccompProfile docker = docker().profile();
        TreeSet<String> differing = new TreeSet<>();
        for (long granted : new long[] {0, CapabilitySets.standard().bounding(), CapabilitySets.all().bounding()}) {
            differing.addAll(differing(new SeccompTarget(arch, granted, 6, 18), docker, arguments()));
        }
        for (Capability capability : Capability.values()) {
            differing.addAll(differing(new SeccompTarget(arch, capability.bit(), 6, 18), docker, 0, 38, 0x10000000));
        }
        assertThat(differing).containsExactlyElementsOf(MISSING.stream().map(name -> name + ": EPERM, ENOSYS").toList());
    }

    private static TreeSet<String> differing(SeccompTarget target, SeccompProfile file, long... arguments) {
        BpfInterpreter expected = new BpfInterpreter(file.compile(target));
        BpfInterpreter actual = new BpfInterpreter(SeccompProfile.dockerCompatible().compile(target));
        int arch = target.arch() == Arch.X86_64 ? BpfInterpreter.X86_64 : BpfInterpreter.AARCH64;
        TreeSet<String> differing = new TreeSet<>();
        for (int number = 0; number < 1024; number++) {
            for (long argument : arguments) {
                int first = expected.run(arch, number, argument);
                int second = actual.run(arch, number, argument);
                if (first != second) {
                    differing.add(SyscallTable.of(target.arch()).name(number) + ": " + new SeccompAction(first) + ", "
                            + new SeccompAction(second));
                }
            }
            assertThat(actual.run(BpfInterpreter.I386, number)).isEqualTo(expected.run(BpfInterpreter.I386, number));
        }
        return differing;
    }

    /// Families, personalities and flags, with high bits and without.
    private static long[] arguments() {
        List<Long> arguments = new ArrayList<>();
        for (long value = 0; value < 48; value++) {
            arguments.add(value);
        }
        for (long value : new long[] {38, 39, 40, 0, 8, 0x20000, 0x20008}) {
            for (long bits : BITS) {
                arguments.add(value | bits);
                arguments.add(value ^ bits);
            }
            arguments.add(value);
        }
        for (int bit = 0; bit < 64; bit++) {
            arguments.add(1L << bit);
        }
        return arguments.stream().mapToLong(Long::longValue).toArray();
    }
}
