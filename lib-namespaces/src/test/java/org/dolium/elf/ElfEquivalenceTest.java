// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.Step;

/// Runs random images in an emulator that refuses every access outside of the image and the stack, and compares the
/// system calls with those of a plain interpreter of the plan.
class ElfEquivalenceTest {
    @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
    void the_image_makes_the_calls_of_the_plan(@ForAll long seed, @ForAll Arch arch) {
        compare(RandomPlan.of(new Random(seed), seed), arch);
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void L_18_long_paths_and_large_environments_stay_inside_the_image(
            @ForAll long seed, @ForAll @IntRange(max = 65536) int path, @ForAll @IntRange(max = 10_000) int entries,
            @ForAll Arch arch) {
        compare(RandomPlan.large(new Random(seed), path, entries), arch);
    }

    @Example
    void L_18_the_largest_path_and_environment_stay_inside_the_image() {
        compare(RandomPlan.large(new Random(1), 65536, 10_000), Arch.X86_64);
        compare(RandomPlan.large(new Random(1), 65536, 10_000), Arch.AARCH64);
    }

    /// The random plans must not all end at their first step, or they would prove little.
    @Example
    void random_plans_reach_every_kind_of_end() {
        int completed = 0;
        int reported = 0;
        for (int seed = 0; seed < 500; seed++) {
            List<String> trace = interpret(RandomPlan.of(new Random(seed), seed));
            completed += trace.getLast().equals("exit 0") && trace.size() > 5 ? 1 : 0;
            reported += trace.getLast().equals("exit 127") ? 1 : 0;
        }
        assertThat(completed).isGreaterThan(20);
        assertThat(reported).isGreaterThan(100);
    }

    static void compare(RandomPlan random, Arch arch) {
        byte[] image = ElfImage.compile(random.plan(), arch);
        List<String> trace = new ArrayList<>();
        Machine.run(image, random.plan(), arch, machine -> new Scripted(random, arch, machine, trace));
        assertThat(trace).isEqualTo(interpret(random));
    }

    /// What the steps mean, directly.
    private static List<String> interpret(RandomPlan random) {
        List<String> trace = new ArrayList<>();
        List<Step> steps = random.plan().steps();
        long[] values = new long[steps.size()];
        for (int i = 0; i < steps.size(); i++) {
            long failure = 0;
            if (steps.get(i) instanceof Step.Call call) {
                long absent = absent(call, values);
                values[i] = absent < 0 ? absent : random.results().get(i);
                if (absent == 0) {
                    trace.add(render(random, i, call, values));
                    failure = outcome(i, call, values[i], trace);
                }
            } else if (steps.get(i) instanceof Step.Expect expect && values[expect.step()] >= 0) {
                failure = holds(random, expect) ? 0 : 71;
            }
            if (failure != 0) {
                trace.add("report " + i + " " + failure);
                trace.add("exit 127");
                return trace;
            }
        }
        trace.add("exit 0");
        return trace;
    }

    private static long absent(Step.Call call, long[] values) {
        for (Arg arg : call.call().args()) {
            if (arg instanceof Arg.Result result && values[result.step()] < 0) {
                return values[result.step()];
            }
        }
        return 0;
    }

    private static long outcome(int index, Step.Call call, long value, List<String> trace) {
        if (value >= 0) {
            return call.expected() == Step.Call.ANY || call.expected() == value ? 0 : 71;
        }
        if (call.tolerated().stream().noneMatch(errno -> errno.value() == -value)) {
            return -value;
        }
        if (call.noted()) {
            trace.add("report " + (index | 0x80000000) + " " + -value);
        }
        return 0;
    }

    private static boolean holds(RandomPlan random, Step.Expect expect) {
        Step.Call call = (Step.Call) random.plan().steps().get(expect.step());
        Arg.Buffer buffer = (Arg.Buffer) call.call().args().get(expect.argument());
        byte[] content = Arrays.copyOf(buffer.initial(), buffer.size());
        byte[] written = RandomPlan.written(random.seed(), expect.step(), expect.argument(), buffer.size());
        System.arraycopy(written, 0, content, 0, written.length);
        long word = 0;
        for (int i = 7; i >= 0; i--) {
            word = word << 8 | content[expect.offset() + i] & 0xff;
        }
        return (word & expect.mask()) == expect.value();
    }

    /// What a register holds that the call does not need: a secret number in the sixth if there is one.
    private static Arg unused(RandomPlan random, int step, int index) {
        long pass = 0;
        for (Step earlier : random.plan().steps().subList(0, step)) {
            pass = earlier instanceof Step.Pass secret ? secret.word() : pass;
        }
        return Arg.num(index == 5 ? pass : 0);
    }

    private static String render(RandomPlan random, int index, Step.Call call, long[] values) {
        StringBuilder out = new StringBuilder().append(index).append(' ').append(call.call().sys());
        for (int i = 0; i < 6; i++) {
            Arg arg = i < call.call().args().size() ? call.call().args().get(i) : unused(random, index, i);
            out.append(' ').append(switch (arg) {
                case Arg.Num num -> Long.toString(num.value());
                case Arg.Bytes bytes -> text(bytes.value());
                case Arg.Result result -> Long.toString(values[result.step()]);
                case Arg.Buffer buffer -> text(Arrays.copyOf(buffer.initial(), buffer.size()));
                case Arg.Filter filter -> filter.length() + " " + text(filter.program());
                case Arg.Message message -> text(message.data()) + " " + text(message.control());
                case Arg.Strings strings ->
                    strings.values().stream().map(ElfEquivalenceTest::text).toList().toString();
            });
        }
        return out.toString();
    }

    private static String text(byte[] bytes) {
        return bytes.length + ":" + Arrays.hashCode(bytes);
    }

    /// The kernel that an emulated image calls: it answers as scripted and notes what its arguments point to.
    private record Scripted(RandomPlan random, Arch arch, Machine memory, List<String> trace) implements Machine.Kernel {
        @Override
        public long call(int step, long number, long[] args) {
            if (number == Sys.EXIT_GROUP.number(arch)) {
                trace.add("exit " + args[0]);
                return Machine.STOP;
            }
            if (number == Sys.WRITE.number(arch)) {
                assertThat(args[0]).isEqualTo(RandomPlan.STATUS);
                assertThat(args[2]).isEqualTo(8);
                trace.add("report " + (int) memory.read(args[1], 4) + " " + memory.read(args[1] + 4, 4));
                return 8;
            }
            Step.Call call = (Step.Call) random.plan().steps().get(step);
            assertThat(number).isEqualTo(call.call().sys().number(arch));
            StringBuilder out = new StringBuilder().append(step).append(' ').append(call.call().sys());
            for (int i = 0; i < 6; i++) {
                Arg arg = i < call.call().args().size() ? call.call().args().get(i) : unused(random, step, i);
                out.append(' ').append(follow(step, i, arg, args[i]));
            }
            trace.add(out.toString());
            return random.results().get(step);
        }

        private String follow(int step, int index, Arg arg, long word) {
            return switch (arg) {
                case Arg.Num num -> Long.toString(word);
                case Arg.Result result -> Long.toString(word);
                case Arg.Bytes bytes -> text(memory.bytes(word, bytes.value().length));
                case Arg.Strings strings -> strings(word);
                case Arg.Filter filter -> memory.read(word, 8) + " "
                        + text(memory.bytes(memory.read(word + 8, 8), filter.program().length));
                case Arg.Message message -> message(word);
                case Arg.Buffer buffer -> {
                    assertThat(word & 15).as("alignment").isZero();
                    String before = text(memory.bytes(word, buffer.size()));
                    memory.write(word, RandomPlan.written(random.seed(), step, index, buffer.size()));
                    yield before;
                }
            };
        }

        private String message(long header) {
            assertThat(header & 7).as("alignment").isZero();
            assertThat(text(memory.bytes(header, 16))).as("no address").isEqualTo(text(new byte[16]));
            assertThat(memory.read(header + 24, 8)).as("vectors").isEqualTo(1);
            assertThat(memory.read(header + 48, 8)).as("flags").isZero();
            long vector = memory.read(header + 16, 8);
            return text(memory.bytes(memory.read(vector, 8), (int) memory.read(vector + 8, 8))) + " "
                    + text(memory.bytes(memory.read(header + 32, 8), (int) memory.read(header + 40, 8)));
        }

        private String strings(long array) {
            assertThat(array & 7).as("alignment").isZero();
            List<String> out = new ArrayList<>();
            for (long at = array; memory.read(at, 8) != 0; at += 8) {
                long start = memory.read(at, 8);
                int length = 0;
                while (memory.read(start + length, 1) != 0) {
                    length++;
                }
                out.add(text(memory.bytes(start, length)));
            }
            return out.toString();
        }
    }
}
