// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.elf.Tools;
import org.dolium.linux.Arch;
import org.dolium.linux.Sys;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The three routines as binutils disassembles them.
class MachineCodeTest {
    private static final Set<String> X86_64 = Set.of("mov", "lea", "xor", "test", "cmp", "add", "inc", "push", "pop",
            "je", "jae", "js", "jmp", "syscall", "ret", "ud2", "jne", "dec", "movd", "movdqu", "pshufd", "pxor", "por", "pcmpeqb", "pmovmskb");
    private static final Set<String> AARCH64 = Set.of("mov", "add", "cmp", "ldr", "ldp", "str", "stp", "cbz", "tbnz", "b",
            "b.cs", "svc", "ret", "brk", "b.ne", "subs", "movk", "lsr", "movi", "dup", "ld1", "orr", "and", "cmeq", "addp", "umaxv",
            "umov");
    private static final Pattern CONSTANT = Pattern.compile("mov (?:\\$0x([0-9a-f]+),%eax|x8, #0x([0-9a-f]+))");
    private static final Pattern VARIABLE = Pattern.compile("mov [^,]+,%rax|mov x8, x0|ldr x8, .*");
    private static final Pattern JUMP = Pattern.compile("(?:j\\w+|b|b\\.\\w+|cbz|tbnz) .*\\b0x([0-9a-f]+)");

    @ParameterizedTest
    @EnumSource
    void routines_are_what_was_reviewed(Arch arch) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Tools.Instruction instruction : code(arch)) {
            text.append(instruction).append('\n');
        }
        Golden.check("machine-code-" + arch.name().toLowerCase(Locale.ROOT), text.toString());
    }

    @ParameterizedTest
    @EnumSource
    void there_are_no_other_than_plain_instructions(Arch arch) throws IOException {
        Set<String> mnemonics = new TreeSet<>();
        for (Tools.Instruction instruction : code(arch)) {
            mnemonics.add(instruction.text().split(" ")[0]);
        }
        assertThat(mnemonics).isNotEmpty().isSubsetOf(arch == Arch.X86_64 ? X86_64 : AARCH64);
    }

    /// The raw routine, the clone and the list of the child take their numbers from their callers; all others are in the code.
    @ParameterizedTest
    @EnumSource
    void every_call_has_the_number_that_it_should_have(Arch arch) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        int number = -1;
        for (Tools.Instruction instruction : code(arch)) {
            String text = instruction.text();
            Matcher constant = CONSTANT.matcher(text);
            if (constant.matches()) {
                number = Integer.parseInt(constant.group(constant.group(1) != null ? 1 : 2), 16);
            } else if (VARIABLE.matcher(text).matches()) {
                number = -1;
            } else if (text.equals("syscall") || text.startsWith("svc ")) {
                numbers.add(number);
                number = -1;
            }
        }
        int mask = Sys.RT_SIGPROCMASK.number(arch);
        assertThat(numbers).containsExactly(
                -1, mask, -1, mask, -1, Sys.EXIT_GROUP.number(arch));
    }

    @ParameterizedTest
    @EnumSource
    void every_jump_stays_within_its_routine(Arch arch) throws IOException {
        List<Tools.Instruction> code = code(arch);
        Set<Integer> starts = new TreeSet<>();
        code.forEach(instruction -> starts.add(instruction.address()));
        int jumps = 0;
        for (Tools.Instruction instruction : code) {
            Matcher jump = JUMP.matcher(instruction.text());
            if (jump.matches()) {
                int target = Integer.parseInt(jump.group(1), 16);
                assertThat(starts).as("%s", instruction).contains(target);
                assertThat(target).isGreaterThan(MachineCode.cloneOffset(arch));
                assertThat(target >= MachineCode.linesOffset(arch)).isEqualTo(instruction.address() >= MachineCode.linesOffset(arch));
                jumps++;
            }
        }
        assertThat(jumps).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    void each_routine_starts_where_the_one_before_has_ended(Arch arch) throws IOException {
        List<Tools.Instruction> code = code(arch);
        List<Integer> addresses = code.stream().map(Tools.Instruction::address).toList();
        assertThat(code.get(addresses.indexOf(MachineCode.cloneOffset(arch)) - 1).text()).isEqualTo("ret");
        assertThat(code.get(addresses.indexOf(MachineCode.linesOffset(arch)) - 1).text()).isIn("ud2", "brk #0x0");
        assertThat(code.getLast().text()).isEqualTo("ret");
    }

    /// No saved register is written, and memory only where lines are told.
    @ParameterizedTest
    @EnumSource
    void the_routine_that_finds_lines_writes_only_what_it_may(Arch arch) throws IOException {
        String own = arch == Arch.X86_64 ? "%(?:e?ax|e?cx|cx|rd[ix]|rsi|xmm[0-5])" : "(?:\\{v4.16b-v7.16b\\}, \\[x0\\], #64|[xw][0-3]|[vbd](?:[0-24-7]|1[67])(?:\\.\\w+)?)";
        List<String> written = new ArrayList<>();
        for (Tools.Instruction instruction : code(arch)) {
            if (instruction.address() >= MachineCode.linesOffset(arch)) {
                String text = instruction.text();
                if (text.matches("mov .*\\(%rsi\\)|str d4, \\[x1\\], #8")) {
                    written.add(text);
                } else if (arch == Arch.AARCH64) {
                    assertThat(text).doesNotStartWith("st").matches("\\w+ " + own + "(?:,.*)?|(?:b\\.ne|ret).*");
                } else {
                    assertThat(text).matches("(?:.*[ ,])?" + own + "|(?:jne|ret).*");
                }
            }
        }
        assertThat(written).hasSize(arch == Arch.X86_64 ? 4 : 1);
    }

    @Test
    void the_running_routine_is_the_one_of_this_machine() {
        assertThat(Kernel.call(Sys.GETPID, 0)).isEqualTo(ProcessHandle.current().pid());
        assertThat(Kernel.call(Sys.CLOSE, -1)).isEqualTo(-9);
    }

    private static List<Tools.Instruction> code(Arch arch) throws IOException {
        return Tools.instructions(MachineCode.bytes(arch), arch);
    }
}
