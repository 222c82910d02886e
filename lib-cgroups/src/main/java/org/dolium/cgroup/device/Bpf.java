// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// `int bpf(int cmd, union bpf_attr *attr, unsigned int size)`, for device programs; see bpf(2).
final class Bpf {
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_ATTACH = 8;
    private static final int BPF_PROG_DETACH = 9;
    private static final int BPF_PROG_QUERY = 16;
    private static final int BPF_F_QUERY_EFFECTIVE = 1;
    private static final int QUERY_SIZE = 32;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private static final int BPF_CGROUP_DEVICE = 6;
    private static final int BPF_F_ALLOW_MULTI = 2;
    private static final int BPF_F_REPLACE = 4;

    private static final int LOAD_SIZE = 72;
    private static final int ATTACH_SIZE = 20;
    private static final int LOG_SIZE = 65536;
    private static final int ATTEMPTS = 10;
    private static final byte[] NAME = "dolium_devices".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LICENSE = "Apache-2.0".getBytes(StandardCharsets.US_ASCII);

    private Bpf() {}

    /// `BPF_PROG_LOAD`: the verifier checks the program, and the descriptor holds it.
    ///
    /// @throws DeviceListException with what the verifier said, if it refuses
    static Fd load(byte[] program) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory attributes = loadAttributes(program, arena);
            long result = call(BPF_PROG_LOAD, attributes, LOAD_SIZE);
            if (!Kernel.failed(result)) {
                return new Fd((int) result);
            }
            Errno errno = Kernel.errno(result);
            String verifier = errno.equals(Errno.EACCES) || errno.equals(Errno.EINVAL) ? explain(attributes, arena) : "";
            throw new DeviceListException(
                    "bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=" + program.length / Instruction.SIZE + "})",
                    errno,
                    verifier);
        }
    }

    private static Memory loadAttributes(byte[] program, Arena arena) {
        Memory attributes = Memory.allocate(arena, LOAD_SIZE);
        attributes.putInt(0, BPF_PROG_TYPE_CGROUP_DEVICE);
        attributes.putInt(4, program.length / Instruction.SIZE);
        attributes.putLong(8, Memory.copy(arena, program).address());
        attributes.putLong(16, Memory.copy(arena, Arg.terminated(LICENSE)).address());
        attributes.put(48, NAME, 0, NAME.length);
        attributes.putInt(68, BPF_CGROUP_DEVICE);
        return attributes;
    }

    /// Loads once more, with a log.
    private static String explain(Memory attributes, Arena arena) {
        Memory log = Memory.allocate(arena, LOG_SIZE);
        attributes.putInt(24, 1);
        attributes.putInt(28, LOG_SIZE);
        attributes.putLong(32, log.address());
        long result = call(BPF_PROG_LOAD, attributes, LOAD_SIZE);
        if (!Kernel.failed(result)) {
            new Fd((int) result).close();
        }
        byte[] text = log.head(LOG_SIZE);
        int length = 0;
        while (length < LOG_SIZE && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.ISO_8859_1);
    }

    /// `BPF_PROG_ATTACH` with `BPF_F_ALLOW_MULTI`: the programs of the groups above and of others hold too.
    ///
    /// @param replaced the attached program whose place it takes at once
    static void attach(Fd directory, Fd program, @Nullable Fd replaced) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory attributes = target(directory, program, arena);
            attributes.putInt(12, replaced == null ? BPF_F_ALLOW_MULTI : BPF_F_ALLOW_MULTI | BPF_F_REPLACE);
            attributes.putInt(16, replaced == null ? 0 : replaced.number());
            String flags = replaced == null ? "BPF_F_ALLOW_MULTI" : "BPF_F_ALLOW_MULTI|BPF_F_REPLACE";
            check(call(BPF_PROG_ATTACH, attributes, ATTACH_SIZE), "BPF_PROG_ATTACH", flags);
        }
    }

    /// `BPF_PROG_DETACH`.
    static void detach(Fd directory, Fd program) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            check(call(BPF_PROG_DETACH, target(directory, program, arena), ATTACH_SIZE), "BPF_PROG_DETACH", "0");
        }
    }

    /// `BPF_PROG_QUERY` for all programs that are in force, or -1 if it fails.
    static int count(Fd directory) {
        try (Arena arena = Arena.ofConfined()) {
            Memory attributes = Memory.allocate(arena, QUERY_SIZE);
            attributes.putInt(0, directory.number());
            attributes.putInt(4, BPF_CGROUP_DEVICE);
            attributes.putInt(8, BPF_F_QUERY_EFFECTIVE);
            return Kernel.failed(call(BPF_PROG_QUERY, attributes, QUERY_SIZE)) ? -1 : attributes.getInt(24);
        }
    }

    private static Memory target(Fd directory, Fd program, Arena arena) {
        Memory attributes = Memory.allocate(arena, ATTACH_SIZE);
        attributes.putInt(0, directory.number());
        attributes.putInt(4, program.number());
        attributes.putInt(8, BPF_CGROUP_DEVICE);
        return attributes;
    }

    private static void check(long result, String command, String flags) throws ErrnoException {
        if (Kernel.failed(result)) {
            throw new DeviceListException("bpf(" + command + ", {BPF_CGROUP_DEVICE, " + flags + "})", Kernel.errno(result), "");
        }
    }

    /// The verifier gives up with EAGAIN when a signal arrives, and a JVM uses signals.
    private static long call(int command, Memory attributes, int size) {
        long result = 0;
        for (int i = 0; i < ATTEMPTS; i++) {
            result = Kernel.call(Sys.BPF, command, attributes.address(), size);
            if (!Kernel.failed(result) || !Kernel.errno(result).equals(Errno.EAGAIN)) {
                return result;
            }
        }
        return result;
    }
}
