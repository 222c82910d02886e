// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dolium.linux.Arg;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.dolium.testing.MustRun;

class RlimitProperties {
    private static final Path HEADER = Path.of("/usr/include/asm-generic/resource.h");

    @Example
    void a_limit_is_one_call() {
        PlanBuilder plan = new PlanBuilder();
        new Rlimit(Rlimit.Resource.NOFILE, 1024, 4096).lower(plan);
        new Rlimit(Rlimit.Resource.STACK, 8 << 20, Rlimit.UNLIMITED).lower(plan);
        assertThat(plan.build(3)).hasToString("""
                $0 = prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=4096}, NULL)
                $1 = prlimit64(0, RLIMIT_STACK, {rlim_cur=8388608, rlim_max=RLIM64_INFINITY}, NULL)
                """);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void a_text_that_prints_a_limit_is_read_as_that_limit(
            @ForAll Rlimit.Resource resource, @ForAll("limits") long soft, @ForAll("limits") long hard, @ForAll boolean lower) {
        String name = lower ? resource.name().toLowerCase(Locale.ROOT) : resource.name();
        String text = name + "=" + text(soft) + ":" + text(hard);
        if (unsigned(soft).compareTo(unsigned(hard)) > 0) {
            assertThatIllegalArgumentException().isThrownBy(() -> Rlimit.parse(text)).withMessageContaining(text);
        } else {
            assertThat(Rlimit.parse(text)).isEqualTo(new Rlimit(resource, soft, hard));
        }
        assertThat(Rlimit.parse(name + "=" + text(soft))).isEqualTo(new Rlimit(resource, soft, soft));
    }

    private static String text(long limit) {
        return limit < 0 ? "unlimited" : Long.toString(limit);
    }

    private static BigInteger unsigned(long limit) {
        return limit < 0 ? BigInteger.ONE.shiftLeft(64) : BigInteger.valueOf(limit);
    }

    @Provide
    Arbitrary<Long> limits() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(-1, 3), Arbitraries.longs().greaterOrEqual(-1));
    }

    @Property
    void any_other_text_is_refused_and_quoted(@ForAll("texts") String text) {
        if (!text.matches("(?i)(cpu|as)=(-1|unlimited|[0-9]+)(:(-1|unlimited|[0-9]+))?")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Rlimit.parse(text))
                    .withMessageContaining(text);
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings(),
                Arbitraries.strings().withChars("0123:-+ =٣").ofMaxLength(5).map(rest -> "cpu=" + rest),
                Arbitraries.of("cpu=1:2:3", "cpu=1:", "cpu=:1", "cpu=", "=1", "cpu", "RLIMIT_CPU=1", "cpu=0x1", "cpu=-2",
                        "cpu=9223372036854775808", "cpu=2:1", "cpu=unlimited:1", "cpu==1"));
    }

    @Property
    void the_kernel_gets_two_little_endian_words(@ForAll("limits") long soft) {
        PlanBuilder plan = new PlanBuilder();
        new Rlimit(Rlimit.Resource.AS, soft, Rlimit.UNLIMITED).lower(plan);
        Step.Call call = (Step.Call) plan.build(3).steps().get(0);
        ByteBuffer words = ByteBuffer.wrap(((Arg.Bytes) call.call().args().get(2)).value()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(words.getLong()).isEqualTo(soft);
        assertThat(words.getLong()).isEqualTo(-1);
    }

    @Example
    void numbers_are_those_of_the_kernel_headers() throws IOException {
        MustRun.require(Files.isReadable(HEADER), "the kernel header " + HEADER);
        String header = Files.readString(HEADER).replaceAll("\\s+", " ");
        for (Rlimit.Resource resource : Rlimit.Resource.values()) {
            assertThat(header).contains("define RLIMIT_" + resource + " " + resource.ordinal() + " ");
        }
        assertThat(header).contains("define RLIM_NLIMITS " + Rlimit.Resource.values().length + " ");
    }
}
