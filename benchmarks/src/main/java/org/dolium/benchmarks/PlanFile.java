// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dolium.launch.DirectIdMaps;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.jspecify.annotations.Nullable;

/// Writes a launch plan for the referee: 64-bit little-endian words, then the bytes that arguments point to.
///
/// Left out is what only Dolium's way of launching needs: the steps that talk to the JVM over the status descriptor.
final class PlanFile {
    private static final long MAGIC = 0x314e414c504c4f44L;
    private static final int FROM_NUMBER = 0;
    private static final int FROM_BYTES = 1;
    private static final int FROM_RESULT = 2;
    private static final int IS_CALL = 0;
    private static final int IS_EXPECTATION = 1;
    private static final int IS_FORK = 2;
    private static final int ARGUMENTS = 6;
    private static final int ERRNO_WORDS = 3;

    private final Arch arch;
    private final List<Long> steps = new ArrayList<>();
    private final List<Long> relocations = new ArrayList<>();
    private final ByteArrayOutputStream constants = new ByteArrayOutputStream();
    private final ByteArrayOutputStream buffers = new ByteArrayOutputStream();
    private final List<Integer> bufferWords = new ArrayList<>();
    private final long[][] bufferOffsets;
    private final int[] newNumber;
    private int count;

    private PlanFile(LaunchPlan plan, Arch arch) {
        this.arch = arch;
        bufferOffsets = new long[plan.steps().size()][ARGUMENTS];
        newNumber = new int[plan.steps().size()];
    }

    /// @param cloneFlags the `CLONE_NEW*` flags
    /// @param maps what to write for a new user namespace, or null without one
    static void write(Path file, LaunchPlan plan, long cloneFlags, @Nullable DirectIdMaps maps, Arch arch)
            throws IOException {
        PlanFile out = new PlanFile(plan, arch);
        for (int i = 0; i < plan.steps().size(); i++) {
            out.add(i, plan.steps().get(i), plan.statusFd());
        }
        Files.write(file, out.bytes(cloneFlags, maps));
    }

    private void add(int index, Step step, int statusFd) {
        newNumber[index] = -1;
        if (step instanceof Step.Call call && !usesDescriptor(call, statusFd)) {
            newNumber[index] = count++;
            addCall(index, call);
        } else if (step instanceof Step.Expect expect && newNumber[expect.step()] >= 0) {
            newNumber[index] = count++;
            addExpectation(expect);
        } else if (step instanceof Step.Init) {
            throw new IllegalArgumentException("the referee has no init");
        } else if (step instanceof Step.Fork fork && fork.call().sys() == Sys.CLONE) {
            newNumber[index] = count++;
            addFork(fork.call());
        } // one into a cgroup is none: the referee's child is born there
    }

    private void addFork(Syscall call) {
        words(IS_FORK, call.sys().number(arch), Step.Call.ANY);
        words(new long[ERRNO_WORDS]);
        words(new long[2 * ARGUMENTS]);
    }

    private static boolean usesDescriptor(Step.Call call, int fd) {
        boolean onDescriptor =
                switch (call.call().sys()) {
                    case READ, WRITE, FCNTL -> true;
                    default -> false;
                };
        return onDescriptor && call.call().args().getFirst() instanceof Arg.Num num && num.value() == fd;
    }

    private void addCall(int index, Step.Call call) {
        words(IS_CALL, call.call().sys().number(arch), call.expected());
        long[] tolerated = new long[ERRNO_WORDS];
        for (Errno errno : call.tolerated()) {
            tolerated[errno.value() / Long.SIZE] |= 1L << errno.value();
        }
        words(tolerated);
        List<Arg> args = call.call().args();
        for (int i = 0; i < ARGUMENTS; i++) {
            addArgument(index, i, i < args.size() ? args.get(i) : Arg.NULL);
        }
    }

    private void addArgument(int index, int position, Arg arg) {
        switch (arg) {
            case Arg.Num num -> words(FROM_NUMBER, num.value());
            case Arg.Result result -> words(FROM_RESULT, newNumber[result.step()]);
            case Arg.Bytes bytes -> words(FROM_BYTES, constant(bytes.value()));
            case Arg.Strings strings -> words(FROM_BYTES, constant(strings.values()));
            case Arg.Filter filter -> words(FROM_BYTES, constant(filter));
            case Arg.Message message -> throw new IllegalArgumentException("the referee has no supervisor");
            case Arg.Buffer buffer -> {
                bufferOffsets[index][position] = buffers.size();
                bufferWords.add(steps.size() + 1);
                words(FROM_BYTES, buffers.size());
                buffers.writeBytes(Arrays.copyOf(buffer.initial(), rounded(buffer.size())));
            }
        }
    }

    private void addExpectation(Step.Expect expect) {
        words(IS_EXPECTATION, 0, Step.Call.ANY, 0, 0, 0);
        words(FROM_NUMBER, newNumber[expect.step()], FROM_BYTES);
        bufferWords.add(steps.size());
        words(bufferOffsets[expect.step()][expect.argument()] + expect.offset());
        words(FROM_NUMBER, expect.mask(), FROM_NUMBER, expect.value());
        words(FROM_NUMBER, 0, FROM_NUMBER, 0);
    }

    private void words(long... words) {
        for (long word : words) {
            steps.add(word);
        }
    }

    private long constant(byte[] bytes) {
        long offset = constants.size();
        constants.writeBytes(Arrays.copyOf(bytes, rounded(bytes.length)));
        return offset;
    }

    /// A NULL-terminated array of pointers, which the referee turns from offsets into addresses.
    private long constant(List<byte[]> strings) {
        ByteBuffer pointers = buffer((strings.size() + 1) * Long.BYTES);
        for (byte[] string : strings) {
            pointers.putLong(constant(Arg.terminated(string)));
        }
        long offset = constant(pointers.array());
        for (int i = 0; i < strings.size(); i++) {
            relocations.add(offset + (long) i * Long.BYTES);
        }
        return offset;
    }

    private long constant(Arg.Filter filter) {
        long program = constant(filter.program());
        ByteBuffer header = buffer(2 * Long.BYTES).putLong(filter.length()).putLong(program);
        long offset = constant(header.array());
        relocations.add(offset + Long.BYTES);
        return offset;
    }

    private static int rounded(int size) {
        return (size + 15) & ~15;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] bytes(long cloneFlags, @Nullable DirectIdMaps maps) {
        byte[] uids = text(maps == null ? "" : maps.uids().toProcText());
        byte[] gids = text(maps == null ? "" : maps.gids().toProcText());
        long uidsAt = constant(uids);
        long gidsAt = constant(gids);
        int writableFrom = constants.size();
        for (int word : bufferWords) {
            steps.set(word, steps.get(word) + writableFrom);
        }
        constants.writeBytes(buffers.toByteArray());
        long[] header = {
            MAGIC, cloneFlags, maps == null ? 0 : 1, maps != null && maps.denyGroups() ? 1 : 0, uidsAt, uids.length,
            gidsAt, gids.length, count, relocations.size(), constants.size(), writableFrom
        };
        ByteBuffer out = buffer((header.length + steps.size() + relocations.size()) * Long.BYTES + constants.size());
        for (long word : header) {
            out.putLong(word);
        }
        for (long word : steps) {
            out.putLong(word);
        }
        for (long word : relocations) {
            out.putLong(word);
        }
        return out.put(constants.toByteArray()).array();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
