// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.plan.Step;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Any plan is compiled or refused:
///
/// * refused by an IllegalArgumentException that names the step, on both architectures alike;
/// * else the image is an ELF file with one segment, readable and executable, a stack that is not executable, and its entry
///   inside of the code; run in an emulator that knows only the image and the stack, it makes the calls of the plan with its
///   arguments, and ends where the plan says (plans without a fork);
/// * equal plans give equal bytes;
/// * in two seconds and 512 MiB: the emulation too.
@Tag("fuzz")
class PlanFuzzTest {
    private static final List<String> WORDS = List.of("\0", "\1\1\1\1\1\1\1\1", "/proc/self", "\u00ff\u00ff\u00ff\u00ff", "a".repeat(200));

    @Test
    void J_09_any_plan_is_compiled_or_refused() throws Exception {
        Fuzz.Report report = Fuzz.of("plan", WORDS, 2000, 512 << 20).run(PlanFuzzTest::feed);
        assertThat(report.runs()).isGreaterThan(100);
        assertThat(report.kinds()).containsKey("compiled").hasSizeGreaterThan(7);
    }

    private static String feed(byte[] input) {
        RandomPlan plan = PlanBytes.read(input);
        boolean forks = plan.plan().steps().stream().anyMatch(step -> step instanceof Step.Fork);
        String first = compile(plan, Arch.X86_64);
        assertThat(compile(plan, Arch.AARCH64)).isEqualTo(first);
        if (first.equals("compiled") && !forks) {
            ElfEquivalenceTest.compare(plan, Arch.X86_64);
            ElfEquivalenceTest.compare(plan, Arch.AARCH64);
        }
        return first.equals("compiled") && forks ? "compiled with a fork" : first;
    }

    private static String compile(RandomPlan plan, Arch arch) {
        byte[] image;
        try {
            image = ElfImage.compile(plan.plan(), arch);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).matches("(?s)step \\d+ .*|a plan of \\d+ steps needs more than 4 MiB of stack");
            return e.getMessage().replaceAll("(?s)\\d+|:.*", "");
        }
        checkElf(image, arch);
        assertThat(ElfImage.compile(plan.plan(), arch)).isEqualTo(image);
        return "compiled";
    }

    private static void checkElf(byte[] image, Arch arch) {
        ByteBuffer elf = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(elf.getInt(0)).isEqualTo(0x464c457f);
        assertThat(elf.getShort(18)).isEqualTo((short) (arch == Arch.X86_64 ? 62 : 183));
        assertThat(elf.getLong(24)).as("entry").isBetween(0x400000L + 176, 0x400000L + image.length - 1);
        assertThat(elf.getShort(56)).as("program headers").isEqualTo((short) 2);
        assertThat(elf.getInt(68)).as("flags R+X").isEqualTo(5);
        assertThat(elf.getLong(96)).as("size in the file").isEqualTo(image.length);
        assertThat(elf.getLong(104)).as("size in memory").isEqualTo(image.length);
        assertThat(elf.getInt(124)).as("flags R+W").isEqualTo(6);
    }
}
