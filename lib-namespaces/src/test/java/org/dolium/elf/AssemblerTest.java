// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;
import org.dolium.linux.Arch;
import org.dolium.plan.LaunchPlan;

/// Compares the assemblers with the disassemblers of binutils.
class AssemblerTest {
    private static final Set<String> X86_64 = Set.of("mov", "movabs", "xor", "lea", "cmp", "test", "and", "neg", "sub",
            "push", "pop", "call", "ret", "jmp", "je", "jne", "jb", "jae", "js", "syscall", "ud2", "rep");
    private static final Set<String> AARCH64 = Set.of("mov", "movk", "add", "sub", "subs", "neg", "and", "cmp", "cmn",
            "ldr", "str", "b", "bl", "b.eq", "b.ne", "b.cc", "b.mi", "ret", "svc", "brk");
    private static final List<String> X86_64_ARGUMENTS = List.of("rdi", "rsi", "rdx", "r10", "r8", "r9");

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void J_08_code_has_only_known_instructions(@ForAll long seed, @ForAll Arch arch) throws IOException {
        LaunchPlan plan = RandomPlan.of(new Random(seed), seed).plan();
        assertThat(mnemonics(Tools.disassemble(Machine.code(plan, arch), arch)))
                .isNotEmpty()
                .isSubsetOf(arch == Arch.X86_64 ? X86_64 : AARCH64);
    }

    @Example
    void x86_64_numbers_decode_to_themselves() throws IOException {
        numbers(edges(), Arch.X86_64);
    }

    @Example
    void aarch64_numbers_decode_to_themselves() throws IOException {
        numbers(edges(), Arch.AARCH64);
    }

    @Property(tries = 30)
    void random_numbers_decode_to_themselves(@ForAll @Size(min = 1, max = 200) List<Long> values, @ForAll Arch arch)
            throws IOException {
        numbers(values, arch);
    }

    @Example
    void numbers_have_their_shortest_encoding() {
        assertThat(length(Arch.X86_64, 0)).isEqualTo(2);
        assertThat(length(Arch.X86_64, 0xffffffffL)).isEqualTo(5);
        assertThat(length(Arch.X86_64, -1)).isEqualTo(7);
        assertThat(length(Arch.X86_64, 1L << 32)).isEqualTo(10);
        assertThat(length(Arch.AARCH64, 0)).isEqualTo(4);
        assertThat(length(Arch.AARCH64, -100)).isEqualTo(4);
        assertThat(length(Arch.AARCH64, 0x12340000L)).isEqualTo(4);
        assertThat(length(Arch.AARCH64, 0xffff1234ffff5678L)).isEqualTo(8);
        assertThat(length(Arch.AARCH64, 0x1234567890abcdefL)).isEqualTo(16);
    }

    private static int length(Arch arch, long value) {
        Assembler asm = Machine.assembler(arch);
        asm.number(0, value);
        return asm.code().size();
    }

    private static List<Long> edges() {
        List<Long> values = new ArrayList<>();
        long[] parts = {0, 0xffff, 0x8000, 0x7fff, 1};
        for (int i = 0; i < 625; i++) {
            values.add(parts[i % 5] | parts[i / 5 % 5] << 16 | parts[i / 25 % 5] << 32 | parts[i / 125] << 48);
        }
        return values;
    }

    /// Loads every value into one of the argument registers, with a jump after each, and evaluates the disassembly.
    private static void numbers(List<Long> values, Arch arch) throws IOException {
        Assembler asm = Machine.assembler(arch);
        for (int i = 0; i < values.size(); i++) {
            asm.number(i % 6, values.get(i));
            asm.branch();
        }
        byte[] code = Arrays.copyOf(asm.code().bytes(), asm.code().size());
        Map<String, Long> registers = new HashMap<>();
        int index = 0;
        for (String line : Tools.disassemble(code, arch)) {
            String[] words = line.split("[\\s,]+");
            if (!words[0].equals("jmp") && !words[0].equals("b")) {
                move(registers, words, arch);
                continue;
            }
            String register = arch == Arch.X86_64 ? X86_64_ARGUMENTS.get(index % 6) : "x" + index % 6;
            assertThat(registers).as("after %s", line).containsExactly(Map.entry(register, values.get(index)));
            registers.clear();
            index++;
        }
        assertThat(index).isEqualTo(values.size());
    }

    private static void move(Map<String, Long> registers, String[] words, Arch arch) {
        if (arch == Arch.AARCH64) {
            long value = Long.parseUnsignedLong(words[2].replaceAll("#(0x)?", "").replace("-", ""),
                    words[2].contains("0x") ? 16 : 10);
            value = words[2].startsWith("#-") ? -value : value;
            if (words[0].equals("movk")) {
                int shift = words.length > 4 && words[3].equals("lsl") ? Integer.parseInt(words[4].substring(1)) : 0;
                value = registers.get(words[1]) & ~(0xffffL << shift) | value << shift;
            } else {
                assertThat(words[0]).isEqualTo("mov");
            }
            registers.put(words[1], value);
        } else if (words[0].equals("xor")) {
            assertThat(words[1]).isEqualTo(words[2]);
            registers.put(whole(words[1]), 0L);
        } else {
            assertThat(words[0]).isIn("mov", "movabs");
            registers.put(whole(words[2]), Long.parseUnsignedLong(words[1].substring(3), 16));
        }
    }

    /// The 64-bit register that a write to `name` changes.
    private static String whole(String name) {
        String bare = name.substring(1);
        if (bare.startsWith("e")) {
            return "r" + bare.substring(1);
        }
        return bare.endsWith("d") ? bare.substring(0, bare.length() - 1) : bare;
    }

    private static Set<String> mnemonics(List<String> lines) {
        Set<String> names = new TreeSet<>();
        for (String line : lines) {
            assertThat(line).doesNotContain("(bad)", "undefined", ".inst", "unallocated");
            names.add(line.split("\\s+")[0]);
        }
        return names;
    }
}
