// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.jspecify.annotations.Nullable;

/// A random plan, with what a scripted kernel answers to each of its steps. Most steps succeed.
///
/// @param results the result of each step, should it be called
record RandomPlan(LaunchPlan plan, List<Long> results, long seed) {
    static final int STATUS = 3;

    private static final Sys[] CALLS = {Sys.OPENAT, Sys.MOUNT, Sys.CLONE3, Sys.PRCTL, Sys.EXECVE, Sys.MOUNT_SETATTR};

    static RandomPlan of(Random random, long seed) {
        List<Step> steps = new ArrayList<>();
        List<Long> results = new ArrayList<>();
        int count = random.nextInt(40);
        for (int i = 0; i < count; i++) {
            @Nullable Step expect = i > 0 && random.nextInt(4) == 0 ? expect(random, seed, steps) : null;
            Step step = expect != null ? expect : random.nextInt(20) == 0 ? new Step.Pass(random.nextLong()) : call(random, steps);
            steps.add(step);
            results.add(step instanceof Step.Call call ? result(random, call) : 0L);
        }
        return new RandomPlan(new LaunchPlan(steps, STATUS), results, seed);
    }

    /// A plan of one call with a path of `pathLength` bytes and an environment of `entries` strings.
    static RandomPlan large(Random random, int pathLength, int entries) {
        Arg path = Arg.str(letters(random, pathLength));
        List<byte[]> strings = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            strings.add(letters(random, random.nextInt(20)));
        }
        Step step = new Step.Call(Syscall.of(Sys.EXECVE, path, Arg.strings(List.of()), new Arg.Strings(strings, "env")));
        return new RandomPlan(new LaunchPlan(List.of(step), STATUS), List.of(0L), 0);
    }

    /// What the kernel writes into the buffer that is argument `argument` of step `step`.
    static byte[] written(long seed, int step, int argument, int size) {
        Random random = new Random(seed * 31 + step * 7L + argument);
        byte[] bytes = new byte[random.nextInt(size + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Step call(Random random, List<Step> steps) {
        Arg[] args = new Arg[random.nextInt(7)];
        for (int i = 0; i < args.length; i++) {
            args[i] = argument(random, steps);
        }
        List<Errno> tolerated = new ArrayList<>();
        for (int i = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0; i > 0; i--) {
            tolerated.add(new Errno(1 + random.nextInt(random.nextBoolean() ? 40 : 4095)));
        }
        long expected = random.nextInt(4) == 0 ? random.nextLong() >>> (1 + random.nextInt(63)) : Step.Call.ANY;
        Syscall call = Syscall.of(CALLS[random.nextInt(CALLS.length)], args);
        return new Step.Call(call, tolerated, expected, random.nextBoolean());
    }

    private static Arg argument(Random random, List<Step> steps) {
        int earlier = steps.isEmpty() ? -1 : random.nextInt(steps.size());
        return switch (random.nextInt(10)) {
            case 0, 1 -> Arg.num(random.nextLong() >> random.nextInt(64));
            case 2 -> Arg.str(letters(random, random.nextInt(random.nextInt(30) == 0 ? 65536 : 12)));
            case 3 -> buffer(random);
            case 4 -> strings(random);
            case 5 -> new Arg.Bytes(letters(random, random.nextInt(100)), "bytes");
            case 6 -> new Arg.Filter(letters(random, 8 * (1 + random.nextInt(100))), "filter");
            case 7 -> new Arg.Message(letters(random, random.nextInt(9)), letters(random, random.nextInt(30)), "message");
            default -> earlier >= 0 && steps.get(earlier) instanceof Step.Call ? new Arg.Result(earlier) : Arg.NULL;
        };
    }

    private static Arg buffer(Random random) {
        int size = random.nextInt(random.nextInt(20) == 0 ? 50_000 : 200);
        byte[] initial = new byte[random.nextInt(size + 1)];
        if (random.nextBoolean()) {
            random.nextBytes(initial);
        }
        return new Arg.Buffer(size, initial, "buffer");
    }

    private static Arg strings(Random random) {
        List<byte[]> strings = new ArrayList<>();
        for (int i = random.nextInt(random.nextInt(40) == 0 ? 10_000 : 6); i > 0; i--) {
            strings.add(letters(random, random.nextInt(9)));
        }
        return new Arg.Strings(strings, "strings");
    }

    private static byte[] letters(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(3));
        }
        return bytes;
    }

    private static @Nullable Step expect(Random random, long seed, List<Step> steps) {
        int step = random.nextInt(steps.size());
        if (!(steps.get(step) instanceof Step.Call call)) {
            return null;
        }
        for (int i = 0; i < call.call().args().size(); i++) {
            if (call.call().args().get(i) instanceof Arg.Buffer buffer && buffer.size() >= 8) {
                byte[] content = Arrays.copyOf(buffer.initial(), buffer.size());
                byte[] written = written(seed, step, i, buffer.size());
                System.arraycopy(written, 0, content, 0, written.length);
                int offset = random.nextInt(buffer.size() - 7);
                long mask = random.nextInt(3) == 0 ? -1 : random.nextLong();
                long word = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong(offset) & mask;
                long value = random.nextInt(10) == 0 ? word + 1 : word;
                return new Step.Expect(step, i, offset, mask, value, "word");
            }
        }
        return null;
    }

    private static long result(Random random, Step.Call call) {
        int kind = random.nextInt(20);
        if (!call.tolerated().isEmpty() && kind < 10) {
            return -call.tolerated().get(random.nextInt(call.tolerated().size())).value();
        }
        if (kind == 10) {
            return -1 - random.nextInt(4095);
        }
        if (call.expected() != Step.Call.ANY && kind != 11) {
            return call.expected();
        }
        return random.nextLong() >>> (1 + random.nextInt(63));
    }
}
