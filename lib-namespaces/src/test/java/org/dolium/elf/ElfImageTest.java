// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.dolium.testing.CpuTime;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElfImageTest {
    private static final Arg AREA = new Arg.Buffer(16, new byte[0], "area");

    @Test
    void x86_64_bytes_of_a_small_plan() {
        assertThat(hex(ElfImage.compile(greeting(), Arch.X86_64))).isEqualTo("""
                7f454c4602010100000000000000000002003e0001000000f10040000000000040000000000000000000000000000000
                000000004000380002000000000000000100000005000000000000000000000000004000000000000000400000000000
                e401000000000000e401000000000000001000000000000051e574640600000000000000000000000000000000000000
                000000000000000000000000000000000000000000000000100000000000000048c7c0b9ffffffe80e000000bf7f0000
                00b8e70000000f050f0b4989c4895c2408f7d88944240cbf03000000488d742408ba08000000b8010000000f054c89e0
                c34881ec20000000505848c7c79cffffffbed001400031d24531d24531c04531c931dbb8010100000f05483d01f0ffff
                0f8224000000483dfeffffff0f840c000000483df3ffffff0f8579ffffff48c7c300000080e880ffffff488944241048
                8b4424104885c00f882a000000488b7c241031f631d24531d24531c04531c9bb01000000b8030000000f05483d01f0ff
                ff0f8330ffffffbf01000000bee0014000ba030000004531d24531c04531c9bb02000000b8010000000f05483d01f0ff
                ff0f8300ffffff483d030000000f85edfeffff31ffb8e70000000f050f0b00002f6465762f6e756c6c00000000000000
                68690a00
                """.replace("\n", ""));
    }

    @Test
    void aarch64_bytes_of_a_small_plan() {
        assertThat(hex(ElfImage.compile(greeting(), Arch.AARCH64))).isEqualTo("""
                7f454c460201010000000000000000000200b70001000000f40040000000000040000000000000000000000000000000
                000000004000380002000000000000000100000005000000000000000000000000004000000000000000400000000000
                ec01000000000000ec01000000000000000001000000000051e574640600000000000000000000000000000000000000
                0000000000000000000000000000000000000000000000001000000000000000c008809205000094e00f80d2c80b80d2
                010000d4000020d4f40300aaf30300b9e103004be10700b9600080d2e1030091020180d2080880d2010000d4e00314aa
                c0035fd6ff8300d1ff0300f9600c8092013b80d20108a0f2020080d2030080d2040080d2050080d2130080d2080780d2
                010000d41ffc3fb1030100541f0800b1800000541f3400b140000054deffff171300b0d2e1ffff97e00b00f9e00b40f9
                1f0000f1a4010054e00b40f9010080d2020080d2030080d2040080d2050080d2330080d2280780d2010000d41ffc3fb1
                43000054ccffff17200080d2013d80d20108a0f2620080d2030080d2040080d2050080d2530080d2080880d2010000d4
                1ffc3fb143000054bfffff171f0c00f140000054bbffff17000080d2c80b80d2010000d4000020d42f6465762f6e756c
                6c0000000000000068690a00
                """.replace("\n", ""));
    }

    @ParameterizedTest
    @EnumSource
    void one_segment_is_executable_and_none_is_writable(Arch arch) {
        byte[] image = ElfImage.compile(greeting(), arch);
        ByteBuffer elf = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(elf.getInt(0)).isEqualTo(0x464c457f);
        assertThat(elf.getShort(16)).as("ET_EXEC").isEqualTo((short) 2);
        assertThat(elf.getShort(18)).as("e_machine").isEqualTo((short) (arch == Arch.X86_64 ? 62 : 183));
        assertThat(elf.getLong(24)).as("entry").isBetween(0x400000L + 176, 0x400000L + image.length);
        assertThat(elf.getShort(56)).as("program headers").isEqualTo((short) 2);
        assertThat(elf.getInt(64)).as("PT_LOAD").isEqualTo(1);
        assertThat(elf.getInt(68)).as("flags R+X").isEqualTo(5);
        assertThat(elf.getLong(72)).as("offset").isZero();
        assertThat(elf.getLong(80)).as("address").isEqualTo(0x400000);
        assertThat(elf.getLong(96)).as("size in the file").isEqualTo(image.length);
        assertThat(elf.getLong(104)).as("size in memory").isEqualTo(image.length);
        assertThat(elf.getInt(120)).as("PT_GNU_STACK").isEqualTo(0x6474e551);
        assertThat(elf.getInt(124)).as("flags R+W").isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource
    void equal_constants_share_one_place(Arch arch) {
        byte[] path = "/a/rather/long/path/to/find".getBytes(StandardCharsets.UTF_8);
        PlanBuilder plan = new PlanBuilder();
        for (int i = 0; i < 10; i++) {
            plan.add(Sys.CHDIR, Arg.str(path));
        }
        plan.add(Sys.EXECVE, Arg.str(path), Arg.strings(List.of(path, path)), Arg.strings(List.of()));
        String image = new String(ElfImage.compile(plan.build(3), arch), StandardCharsets.ISO_8859_1);
        String text = new String(path, StandardCharsets.ISO_8859_1);
        assertThat(image.indexOf(text)).isPositive().isEqualTo(image.lastIndexOf(text));
    }

    @ParameterizedTest
    @EnumSource
    void colliding_strings_do_not_slow_the_compiler(Arch arch) {
        List<byte[]> strings = new ArrayList<>();
        for (int i = 0; i < 1 << 15; i++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 15; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            strings.add(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        PlanBuilder plan = new PlanBuilder();
        plan.add(Sys.EXECVE, Arg.str("x"), Arg.NULL, new Arg.Strings(strings, "strings"));
        assertThat(CpuTime.of(() -> ElfImage.compile(plan.build(3), arch))).isLessThan(Slow.seconds(2));
    }

    @ParameterizedTest
    @EnumSource
    void J_08_equal_plans_give_equal_bytes(Arch arch) {
        assertThat(ElfImage.compile(greeting(), arch)).isEqualTo(ElfImage.compile(greeting(), arch));
    }

    @Test
    void malformed_steps_are_refused_by_number() {
        refused("step 0 uses the result of a step that is not earlier", call(new Arg.Result(0)));
        refused("step 0 uses the result of a step that is not earlier", call(new Arg.Result(-1)));
        refused("step 2 uses the result of a step that is no call",
                call(AREA), new Step.Expect(0, 0, 0, -1, 0, "zero"), call(new Arg.Result(1)));
        refused("step 1 expects an argument that is not there", call(AREA), new Step.Expect(0, 1, 0, -1, 0, "zero"));
        refused("step 1 expects an argument that is not a buffer",
                call(Arg.NULL), new Step.Expect(0, 0, 0, -1, 0, "zero"));
        refused("step 1 expects a word outside of the buffer", call(AREA), new Step.Expect(0, 0, 9, -1, 0, "zero"));
        refused("step 1 expects a word outside of the buffer", call(AREA), new Step.Expect(0, 0, -1, -1, 0, "zero"));
        refused("step 0 has a buffer smaller", call(new Arg.Buffer(3, new byte[4], "small")));
        refused("step 0 has a buffer smaller", call(new Arg.Buffer(Integer.MIN_VALUE, new byte[0], "negative")));
        refused("step 0 needs more than 4 MiB of stack", call(new Arg.Buffer(Integer.MAX_VALUE, new byte[0], "huge")));
        refused("step 0 tolerates an impossible errno", tolerating(new Errno(4096)));
        refused("step 0 tolerates an impossible errno", tolerating(new Errno(0)));
        refused("step 0 expects a negative result", new Step.Call(Syscall.of(Sys.GETPID), List.of(), -2, false));
        refused("step 0 has a NUL byte in string 1",
                call(new Arg.Strings(List.of(new byte[] {1}, new byte[1]), "strings")));
    }

    @Test
    void images_above_64_mebibytes_are_refused() {
        byte[] big = new byte[33 << 20];
        byte[] other = big.clone();
        other[0] = 1;
        refused("the launch image is larger than 64 MiB",
                call(new Arg.Bytes(big, "big")), call(new Arg.Bytes(other, "other")));
        List<byte[]> strings = Collections.nCopies(9 << 20, new byte[0]);
        refused("the launch image is larger than 64 MiB", call(new Arg.Strings(strings, "strings")));
    }

    @Test
    void a_negative_status_descriptor_is_refused() {
        assertThatThrownBy(() -> ElfImage.compile(new LaunchPlan(List.of(), -1), Arch.X86_64))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Step call(Arg... args) {
        return new Step.Call(Syscall.of(Sys.GETPID, args));
    }

    private static Step tolerating(Errno errno) {
        return new Step.Call(Syscall.of(Sys.GETPID), List.of(errno), Step.Call.ANY, false);
    }

    private static void refused(String message, Step... steps) {
        for (Arch arch : Arch.values()) {
            assertThatThrownBy(() -> ElfImage.compile(new LaunchPlan(List.of(steps), 3), arch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(message);
        }
    }

    private static LaunchPlan greeting() {
        PlanBuilder plan = new PlanBuilder();
        Arg.Result fd = plan.addNoted(
                Syscall.of(Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/dev/null"), Arg.num(0)), Errno.ENOENT, Errno.EACCES);
        plan.add(Sys.CLOSE, fd);
        plan.addExact(Syscall.of(Sys.WRITE, Arg.num(1), Arg.str("hi\n"), Arg.num(3)), 3);
        return plan.build(3);
    }

    private static String hex(byte[] image) {
        return HexFormat.of().formatHex(image);
    }
}
