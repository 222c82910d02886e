// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.DeviceRule.Type;

/// The eBPF program that allows what a list allows and nothing else. The kernel runs it at each open and mknod of a device
/// node by a process of the group, with a `struct bpf_cgroup_dev_ctx`; 1 allows.
///
/// A rule is a block of at most [#BLOCK] instructions that ends the program with 1 if the rule covers the whole request, and
/// else falls to the next one. There is no loop, so its length bounds its time. Each check loads what it compares, although
/// it was loaded before: what the verifier knows about a register at the end of a block would make it look at the next ones
/// once more for each value, and the time to load a program grow with the square of its length.
public final class DeviceProgram {
    static final int BLOCK = 9;

    private static final int RESULT = 0;
    private static final int CONTEXT = 1;
    private static final int FIELD = 2;

    private static final int ACCESS_TYPE_OFFSET = 0;
    private static final int MAJOR_OFFSET = 4;
    private static final int MINOR_OFFSET = 8;
    private static final int ACCESS_SHIFT = 16;

    private static final int BPF_DEVCG_DEV_BLOCK = 1;
    private static final int BPF_DEVCG_DEV_CHAR = 2;
    private static final int BPF_DEVCG_ACC_MKNOD = 1;
    private static final int BPF_DEVCG_ACC_READ = 2;
    private static final int BPF_DEVCG_ACC_WRITE = 4;

    private final List<Instruction> instructions;

    private DeviceProgram(List<Instruction> instructions) {
        this.instructions = List.copyOf(instructions);
    }

    /// Pure: equal lists give equal programs.
    ///
    /// @throws IllegalArgumentException if the list is longer than 450 rules
    public static DeviceProgram compile(List<DeviceRule> rules) {
        List<Instruction> out = new ArrayList<>();
        for (DeviceRule entry : AllowList.of(rules)) {
            block(entry, out);
        }
        out.add(Instruction.set(RESULT, 0));
        out.add(Instruction.exit());
        return new DeviceProgram(out);
    }

    private static void block(DeviceRule entry, List<Instruction> out) {
        int end = out.size() + BLOCK - (entry.major() == DeviceRule.ANY ? 2 : 0) - (entry.minor() == DeviceRule.ANY ? 2 : 0);
        int type = entry.type() == Type.BLOCK ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
        out.add(Instruction.load(FIELD, CONTEXT, ACCESS_TYPE_OFFSET));
        out.add(Instruction.and(FIELD, ~(allowed(entry) << ACCESS_SHIFT))); // leaves the type if nothing else is asked for
        out.add(Instruction.jumpIfNot(FIELD, type, end - out.size() - 1));
        compare(MAJOR_OFFSET, entry.major(), end, out);
        compare(MINOR_OFFSET, entry.minor(), end, out);
        out.add(Instruction.set(RESULT, 1));
        out.add(Instruction.exit());
    }

    private static void compare(int offset, int number, int end, List<Instruction> out) {
        if (number != DeviceRule.ANY) {
            out.add(Instruction.load(FIELD, CONTEXT, offset));
            out.add(Instruction.jumpIfNot(FIELD, number, end - out.size() - 1));
        }
    }

    private static int allowed(DeviceRule entry) {
        return (entry.make() ? BPF_DEVCG_ACC_MKNOD : 0)
                | (entry.read() ? BPF_DEVCG_ACC_READ : 0)
                | (entry.write() ? BPF_DEVCG_ACC_WRITE : 0);
    }

    /// How many instructions it has.
    public int length() {
        return instructions.size();
    }

    /// The instructions, each a `struct bpf_insn`.
    public byte[] bytes() {
        ByteBuffer out =
                ByteBuffer.allocate(Instruction.SIZE * instructions.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (Instruction instruction : instructions) {
            instruction.write(out);
        }
        return out.array();
    }

    /// One numbered line for each instruction, as the kernel's verifier prints them.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < instructions.size(); i++) {
            out.append(i).append(": ").append(instructions.get(i)).append('\n');
        }
        return out.toString();
    }
}
