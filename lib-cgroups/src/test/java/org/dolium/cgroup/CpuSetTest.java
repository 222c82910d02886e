// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

class CpuSetTest {
    /// Many neighbours, and the last number.
    @Provide
    static Arbitrary<Set<Integer>> numbers() {
        return Arbitraries.frequencyOf(
                        Tuple.of(5, Arbitraries.integers().between(0, 12)),
                        Tuple.of(1, Arbitraries.integers().between(CpuSet.LAST - 2, CpuSet.LAST)))
                .set()
                .ofMinSize(1)
                .ofMaxSize(10);
    }

    /// Texts with ranges that overlap.
    @Provide
    static Arbitrary<String> texts() {
        return Combinators.combine(Arbitraries.integers().between(0, 20), Arbitraries.integers().between(0, 4))
                .as((first, more) -> more == 0 ? "" + first : first + "-" + (first + more))
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> String.join(",", parts));
    }

    private static CpuSet of(Set<Integer> numbers) {
        return CpuSet.of(numbers.stream().mapToInt(Integer::intValue).toArray());
    }

    @Property
    void what_is_printed_is_read_as_the_same_set(@ForAll("numbers") Set<Integer> numbers) {
        CpuSet set = of(numbers);
        assertThat(CpuSet.parse(set.toString())).isEqualTo(set).hasSameHashCodeAs(set);
        assertThat(set.size()).isEqualTo(numbers.size());
        assertThat(IntStream.rangeClosed(-1, CpuSet.LAST + 1).filter(set::contains).boxed())
                .containsExactlyElementsOf(new TreeSet<>(numbers));
    }

    @Property
    void a_text_is_read_as_what_it_says(@ForAll("texts") String text) {
        Set<Integer> expected = new TreeSet<>();
        for (String part : text.split(",")) {
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = Integer.parseInt(part.substring(dash + 1));
            IntStream.rangeClosed(first, last).forEach(expected::add);
        }
        assertThat(CpuSet.parse(text)).isEqualTo(of(expected));
    }

    @Property
    void a_set_contains_those_of_which_it_has_all(
            @ForAll("numbers") Set<Integer> one, @ForAll("numbers") Set<Integer> other) {
        assertThat(of(one).containsAll(of(other))).isEqualTo(one.containsAll(other));
        assertThat(of(one).equals(of(other))).isEqualTo(one.equals(other));
    }

    @Property
    void any_text_is_a_set_or_refused(@ForAll @StringLength(max = 8) @CharRange(from = '+', to = ':') String text) {
        try {
            assertThat(CpuSet.parse(text).toString()).matches("\\d+(-\\d+)?(,\\d+(-\\d+)?)*");
            assertThat(text).matches("\\d+(-\\d+)?(,\\d+(-\\d+)?)*");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith("cpu set \"");
        }
    }

    @Example
    void neighbours_become_ranges() {
        assertThat(CpuSet.of(5, 3, 0, 1, 2)).hasToString("0-3,5");
        assertThat(CpuSet.of(8191)).hasToString("8191");
        assertThat(CpuSet.range(0, 8191)).hasToString("0-8191");
        assertThat(CpuSet.range(4, 4)).hasToString("4");
        assertThat(CpuSet.parse("1,0")).hasToString("0-1");
    }

    @Example
    void what_is_wrong_is_said() {
        refused("", "\"\" is no number");
        refused("0,", "\"\" is no number");
        refused(",0", "\"\" is no number");
        refused("-", "\"\" is no number");
        refused("3-1", "range 3-1 descends");
        refused("1-2-3", "\"2-3\" is no number");
        refused("0-8192", "\"8192\" is no number from 0 to 8191");
        refused("4294967296", "\"4294967296\"");
        refused("1 ", "\"1 \"");
        refused("0-3\n", "\"3\\n\"");
        refused("0-10:2/4", "\"10:2/4\"");
        refused("all", "\"all\"");
        assertThatIllegalArgumentException().isThrownBy(CpuSet::of).withMessageContaining("empty");
        assertThatIllegalArgumentException().isThrownBy(() -> CpuSet.of(-1)).withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> CpuSet.of(8192)).withMessageContaining("8192");
        assertThatIllegalArgumentException().isThrownBy(() -> CpuSet.range(2, 1)).withMessageContaining("2-1");
        assertThatIllegalArgumentException().isThrownBy(() -> CpuSet.range(0, 8192)).withMessageContaining("8192");
    }

    private static void refused(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CpuSet.parse(text))
                .withMessageContaining(why)
                .withMessageContaining("the form is \"0-3,5\"");
    }

    /// The kernel prints its own sets in the same form.
    @Example
    void this_machine_s_sets_are_printed_as_the_kernel_prints_them() throws IOException {
        String allowed = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.substring(line.indexOf('\t') + 1))
                .collect(Collectors.joining());
        assertThat(CpuSet.parse(allowed)).hasToString(allowed);
        assertThat(CpuSet.parse(allowed).size()).isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }
}
