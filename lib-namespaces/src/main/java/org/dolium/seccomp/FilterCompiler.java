// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.linux.Arch;

/// Compiles what happens to each system call to a filter program: the architecture first, then a binary search over ranges
/// of numbers with the same answer, then the arguments.
final class FilterCompiler {
    /// The kernel's limit, `BPF_MAXINSNS`.
    static final int LIMIT = 4096;

    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    private static final int AUDIT_ARCH_AARCH64 = 0xc00000b7;

    /// Offsets in `struct seccomp_data`.
    private static final int NUMBER = 0;

    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    /// A place where a case begins.
    ///
    /// @param loaded the word that its first instruction loads, or -1
    /// @param then the place after that instruction
    private record Entry(int place, int loaded, int then) {
        Entry(int place) {
            this(place, -1, place);
        }

        /// Where to jump to with this word loaded already.
        int with(int word) {
            return loaded >= 0 && loaded == word ? then : place;
        }
    }

    private final FilterCode code = new FilterCode();
    private final Map<Case, Entry> entries = new HashMap<>();
    private final int[] starts;
    private final Case[] cases;
    private final int[] weights;
    private int count;

    private FilterCompiler(Case[] numbers, Case unknown) {
        starts = new int[numbers.length + 1];
        cases = new Case[numbers.length + 1];
        weights = new int[numbers.length + 1];
        for (int i = 0; i < numbers.length; i++) {
            addNumber(i, numbers[i]);
        }
        addNumber(numbers.length, unknown);
    }

    private void addNumber(int number, Case answer) {
        if (count == 0 || !cases[count - 1].equals(answer)) {
            starts[count] = number;
            cases[count++] = answer;
        }
        weights[count - 1]++;
    }

    /// The program.
    ///
    /// @param numbers the answer to each number from 0 on
    /// @param unknown the answer to all higher numbers
    /// @param foreign the answer to calls of another architecture
    /// @throws IllegalArgumentException if it exceeds the kernel's limit
    static byte[] compile(Arch arch, Case[] numbers, Case unknown, int foreign) {
        FilterCompiler compiler = new FilterCompiler(numbers, unknown);
        FilterCode code = compiler.code;
        code.goOn(compiler.search(0, compiler.count - 1));
        int search = code.load(NUMBER);
        int native_ = arch == Arch.X86_64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
        code.jump(FilterCode.JEQ, native_, search, code.ret(foreign));
        code.load(ARCHITECTURE);
        byte[] program = code.finish();
        if (code.size() > LIMIT) {
            throw new IllegalArgumentException("the seccomp profile needs " + code.size()
                    + " instructions; the kernel takes at most " + LIMIT);
        }
        return program;
    }

    /// Writes the search among some ranges, with the number loaded.
    private int search(int first, int last) {
        if (first == last) {
            return entry(cases[first]).place();
        }
        int middle = split(first, last);
        int high = search(middle, last);
        int low = search(first, middle - 1);
        return code.jump(FilterCode.JGE, starts[middle], high, low);
    }

    /// Where a split leaves about as many numbers on both sides.
    private int split(int first, int last) {
        int all = 0;
        for (int i = first; i <= last; i++) {
            all += weights[i];
        }
        int low = weights[first];
        int middle = first + 1;
        while (middle < last && 2 * low + weights[middle] <= all) {
            low += weights[middle++];
        }
        return middle;
    }

    /// Where a case begins; it is written if it is not there yet, after the ones that it goes on to.
    private Entry entry(Case answer) {
        List<Case> missing = new ArrayList<>();
        Case at = answer;
        Entry found = null;
        while (at.otherwise != null && found == null) {
            found = entries.get(at);
            if (found == null) {
                missing.add(at);
                at = at.otherwise;
            }
        }
        Entry entry = found != null ? found : new Entry(code.ret(at.action));
        for (int i = missing.size() - 1; i >= 0; i--) {
            entry = one(missing.get(i), entry);
            entries.put(missing.get(i), entry);
        }
        return entry;
    }

    private Entry one(Case answer, Entry otherwise) {
        Entry target = new Entry(code.ret(answer.action));
        for (int i = answer.checks.size() - 1; i >= 0; i--) {
            target = check(answer.checks.get(i), target, otherwise);
        }
        return target;
    }

    private Entry check(Case.Check check, Entry yes, Entry no) {
        SeccompCondition condition = check.condition();
        int low = ARGUMENTS + 8 * condition.argument();
        int value = (int) condition.value();
        int mask = check.bits() == 16 ? 0xffff : -1;
        return switch (condition.comparison()) {
            case EQ -> check.bits() == 64
                    ? bothWords(condition, -1L, yes, no)
                    : equal(low, mask, value & mask, yes, no);
            case NE -> check.bits() == 64
                    ? bothWords(condition, -1L, no, yes)
                    : equal(low, mask, value & mask, no, yes);
            case MASKED_EQ -> check.bits() == 64
                    ? bothWords(condition, condition.mask(), yes, no)
                    : equal(low, (int) condition.mask() & mask, value & mask, yes, no);
            case GT -> ordered(check, FilterCode.JGT, yes, no);
            case GE -> ordered(check, FilterCode.JGE, yes, no);
            case LT -> ordered(check, FilterCode.JGE, no, yes);
            case LE -> ordered(check, FilterCode.JGT, no, yes);
        };
    }

    /// Whether both words are the value's under the mask.
    private Entry bothWords(SeccompCondition condition, long mask, Entry yes, Entry no) {
        int low = ARGUMENTS + 8 * condition.argument();
        Entry lower = equal(low, (int) mask, (int) condition.value(), yes, no);
        return equal(low + 4, (int) (mask >>> 32), (int) (condition.value() >>> 32), lower, no);
    }

    private Entry equal(int offset, int mask, int value, Entry yes, Entry no) {
        if (mask == 0) {
            return yes; // this word is not looked at
        }
        if (mask == -1) {
            return load(offset, code.jump(FilterCode.JEQ, value, yes.with(offset), no.with(offset)));
        }
        if (value == 0) {
            return load(offset, code.jump(FilterCode.JSET, mask, no.with(offset), yes.with(offset)));
        }
        code.jump(FilterCode.JEQ, value, yes.place(), no.place());
        return load(offset, code.and(mask));
    }

    private Entry ordered(Case.Check check, int opcode, Entry yes, Entry no) {
        int low = ARGUMENTS + 8 * check.condition().argument();
        long value = check.condition().value();
        if (check.bits() == 64) {
            Entry lower = load(low, code.jump(opcode, (int) value, yes.with(low), no.with(low)));
            int high = low + 4;
            int same = code.jump(FilterCode.JEQ, (int) (value >>> 32), lower.place(), no.with(high));
            return load(high, code.jump(FilterCode.JGT, (int) (value >>> 32), yes.with(high), same));
        }
        if (check.bits() == 32) {
            return load(low, code.jump(opcode, (int) value, yes.with(low), no.with(low)));
        }
        code.jump(opcode, (int) value & 0xffff, yes.place(), no.place());
        return load(low, code.and(0xffff));
    }

    private Entry load(int offset, int then) {
        return new Entry(code.load(offset), offset, then);
    }
}
