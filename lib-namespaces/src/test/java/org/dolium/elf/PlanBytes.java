// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;

/// Reads bytes as a plan, with what a scripted kernel answers to each step. All bytes are one, and most are malformed
/// somewhere: steps that do not exist, words outside of buffers, NUL bytes in strings, sizes below zero.
final class PlanBytes {
    private static final Sys[] CALLS = {Sys.OPENAT, Sys.MOUNT, Sys.CLONE3, Sys.PRCTL, Sys.EXECVE, Sys.MOUNT_SETATTR};
    private static final int MOST_STEPS = 48;
    private static final int SEED = 7;

    private final ByteBuffer in;
    private final List<Step> steps = new ArrayList<>();
    private final List<Long> results = new ArrayList<>();

    private PlanBytes(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static RandomPlan read(byte[] bytes) {
        PlanBytes plan = new PlanBytes(bytes);
        while (plan.in.hasRemaining() && plan.steps.size() < MOST_STEPS) {
            plan.step();
        }
        return new RandomPlan(new LaunchPlan(plan.steps, RandomPlan.STATUS), plan.results, SEED);
    }

    private int next() {
        return in.hasRemaining() ? in.get() & 0xff : 0;
    }

    /// Small numbers mostly, of both signs; some of every size.
    private long number() {
        int first = next();
        if (first < 200) {
            return first - 20;
        }
        byte[] word = new byte[8];
        for (int i = 0; i < Math.min(8, first - 199); i++) {
            word[i] = (byte) next();
        }
        return ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private void step() {
        int kind = next();
        if (kind >= 246) {
            steps.add(kind >= 253 ? Step.Fork.into(kind) : kind >= 250 ? Step.Fork.here() : new Step.Pass(number()));
            results.add(0L);
        } else if (kind % 4 == 0) {
            steps.add(kind % 8 == 0 ? fitting() : expect());
            results.add(0L);
        } else {
            Step.Call call = call(kind);
            steps.add(call);
            results.add(result(call));
        }
    }

    private Step.Call call(int kind) {
        Arg[] args = new Arg[kind % 7];
        for (int i = 0; i < args.length; i++) {
            args[i] = argument();
        }
        List<Errno> tolerated = new ArrayList<>();
        for (int i = kind > 128 ? next() % 8 : 0; i > 0; i--) {
            tolerated.add(new Errno((int) number()));
        }
        long expected = kind % 5 == 0 ? number() : Step.Call.ANY;
        return new Step.Call(Syscall.of(CALLS[kind % CALLS.length], args), tolerated, expected, kind % 3 == 0);
    }

    private Arg argument() {
        int kind = next();
        return switch (kind % 8) {
            case 0 -> Arg.num(number());
            case 1 -> new Arg.Bytes(bytes(), "bytes");
            case 2 -> buffer();
            case 3 -> strings();
            case 4 -> new Arg.Filter(bytes(), "filter");
            case 7 -> new Arg.Message(bytes(), bytes(), "message");
            case 5 -> new Arg.Result((int) number());
            default -> new Arg.Result(Math.floorMod((int) number(), Math.max(steps.size(), 1)));
        };
    }

    private byte[] bytes() {
        byte[] bytes = new byte[Math.min(next(), in.remaining())];
        in.get(bytes);
        return bytes;
    }

    private Arg buffer() {
        byte[] initial = bytes();
        int kind = next();
        int size = kind < 20 ? (int) number() : initial.length + kind;
        return new Arg.Buffer(size, initial, "buffer");
    }

    private Arg strings() {
        List<byte[]> strings = new ArrayList<>();
        for (int i = next() % 16; i > 0; i--) {
            strings.add(bytes());
        }
        return new Arg.Strings(strings, "strings");
    }

    private Step expect() {
        return new Step.Expect((int) number(), (int) number(), (int) number(), number(), number(), "word");
    }

    /// An assertion that holds, if any buffer is there: what the kernel writes is known.
    private Step fitting() {
        int step = Math.floorMod((int) number(), Math.max(steps.size(), 1));
        if (step < steps.size() && steps.get(step) instanceof Step.Call call) {
            for (int i = 0; i < call.call().args().size(); i++) {
                if (call.call().args().get(i) instanceof Arg.Buffer buffer
                        && buffer.size() >= 8
                        && buffer.size() <= 4096
                        && buffer.initial().length <= buffer.size()) {
                    byte[] content = Arrays.copyOf(buffer.initial(), buffer.size());
                    byte[] written = RandomPlan.written(SEED, step, i, buffer.size());
                    System.arraycopy(written, 0, content, 0, written.length);
                    int offset = Math.floorMod((int) number(), buffer.size() - 7);
                    long mask = number();
                    long word = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
                    return new Step.Expect(step, i, offset, mask, word & mask, "word");
                }
            }
        }
        return expect();
    }

    private long result(Step.Call call) {
        int kind = next();
        if (kind < 100) {
            return call.expected() >= 0 ? call.expected() : kind;
        }
        if (kind < 200 && !call.tolerated().isEmpty()) {
            int errno = call.tolerated().get(kind % call.tolerated().size()).value();
            return errno > 0 && errno < 4096 ? -errno : 0;
        }
        return kind < 220 ? -1 - (kind - 200) * 200L : number() & Long.MAX_VALUE;
    }
}
