// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.linux.Arch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `-Dgolden.rewrite=true` writes the programs and the masks in `Precompiled` anew; build again then.
class PrecompiledTest {
    private static final Path SOURCE =
            Path.of(System.getProperty("basedir", ""), "src/main/java/org/dolium/seccomp/Precompiled.java");

    private static SeccompTarget target(Arch arch, CapabilitySets sets) {
        return new SeccompTarget(arch, sets.bounding(), 6, 1);
    }

    private static long lookedAt() {
        long all = 0;
        for (SeccompRule rule : SeccompProfile.standard().rules()) {
            all |= rule.needed | rule.excluded;
        }
        return all;
    }

    @BeforeAll
    static void rewrite() throws IOException {
        if (!Boolean.getBoolean("golden.rewrite")) {
            return;
        }
        StringBuilder programs = new StringBuilder();
        for (Arch arch : Arch.values()) {
            programs.append(arch == Arch.X86_64 ? "" : "\n");
            programs.append("    private static final String ").append(arch).append(" = \"\"\n");
            byte[] program = SeccompProfile.standard().translate(target(arch, CapabilitySets.standard()));
            for (int i = 0; i < program.length; i += 8) {
                programs.append("            + \"");
                for (int b = i; b < i + 8; b++) {
                    programs.append(String.format("\\%03o", program[b]));
                }
                programs.append(i + 8 < program.length ? "\"\n" : "\";\n");
            }
        }
        String text = Files.readString(SOURCE);
        text = Pattern.compile("(// programs: begin\n).*(    // programs: end)", Pattern.DOTALL)
                .matcher(text)
                .replaceFirst(match -> Matcher.quoteReplacement(match.group(1) + programs + match.group(2)));
        text = text.replaceFirst("LOOKED_AT = \\w+;", "LOOKED_AT = 0x" + Long.toHexString(lookedAt()) + "L;");
        long granted = CapabilitySets.standard().bounding() & lookedAt();
        Files.writeString(SOURCE, text.replaceFirst("GRANTED = \\w+;", "GRANTED = 0x" + Long.toHexString(granted) + "L;"));
    }

    @ParameterizedTest
    @EnumSource
    void programs_are_what_the_compiler_makes(Arch arch) {
        assertThat(Precompiled.program(arch))
                .isEqualTo(SeccompProfile.standard().translate(target(arch, CapabilitySets.standard())));
        assertThat(SeccompProfile.standard().compile(target(arch, CapabilitySets.standard())))
                .isEqualTo(Precompiled.program(arch));
    }

    @Test
    void they_are_used_only_where_the_compiler_would_make_the_same() {
        assertThat(Precompiled.LOOKED_AT).isEqualTo(lookedAt());
        assertThat(Precompiled.GRANTED).isEqualTo(Capability.SYS_CHROOT.bit());
        long standardSet = CapabilitySets.standard().bounding();
        for (Arch arch : Arch.values()) { // whatever the kernel's release is
            assertThat(SeccompProfile.standard().translate(new SeccompTarget(arch, standardSet, 5, 14)))
                    .isEqualTo(SeccompProfile.standard().translate(new SeccompTarget(arch, standardSet, 99, 0)));
        }
        for (Capability capability : Capability.values()) {
            for (Arch arch : Arch.values()) {
                CapabilitySets standard = CapabilitySets.standard();
                boolean granted = (standard.bounding() & capability.bit()) != 0;
                SeccompTarget other = target(arch, granted ? standard.minus(capability) : standard.plus(capability));
                assertThat(SeccompProfile.standard().compile(other))
                        .isEqualTo(SeccompProfile.standard().translate(other));
            }
        }
    }
}
