// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The number of every open is what its text says, on each architecture.
class OpenNumbersTest {
    @ParameterizedTest
    @EnumSource
    void flags_of_open_have_the_numbers_of_the_architecture(Arch arch) {
        PlanBuilder plan = new PlanBuilder();
        MountContext context = new MountContext(plan, plan.add(Sys.GETPID), arch);
        new Dev(false, 5, true).lower(context);
        new Mount.Bind("/etc/x", "/etc/x", false, BindOptions.standard()).lower(context);
        new Mount.Proc().lower(context);
        int opens = 0;
        for (Step step : plan.build(3).steps()) {
            if (step instanceof Step.Call call && (call.call().sys() == Sys.OPENAT || call.call().sys() == Sys.OPENAT2)) {
                Arg flags = call.call().args().get(2);
                assertThat(number(flags)).as("%s", step).isEqualTo(expected(flags.toString(), arch));
                opens++;
            }
        }
        assertThat(opens).isGreaterThan(10);
    }

    private static long number(Arg flags) {
        return flags instanceof Arg.Num num
                ? num.value()
                : ByteBuffer.wrap(((Arg.Bytes) flags).value()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static long expected(String text, Arch arch) {
        Map<String, Integer> numbers = Map.of(
                "O_CREAT", 0x40, "O_EXCL", 0x80, "O_CLOEXEC", 0x80000, "O_PATH", 0x200000,
                "O_DIRECTORY", OpenFlags.directory(arch), "O_NOFOLLOW", OpenFlags.noFollow(arch));
        long sum = 0;
        for (String name : text.replaceAll("\\{flags=|, resolve=.*", "").split("\\|")) {
            assertThat(numbers).containsKey(name);
            sum |= numbers.get(name);
        }
        return sum;
    }
}
