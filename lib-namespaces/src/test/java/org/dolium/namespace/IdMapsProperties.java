// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/// Id maps against an oracle that looks at every single id.
class IdMapsProperties {
    private static final long MOST = 0xfffffffeL;
    private static final int SMALL = 30;

    /// Extents so small that every id can be looked at.
    record Triple(int inside, int outside, int count) {
        IdMap map() {
            return new IdMap(inside, outside, count);
        }

        String text() {
            return inside + ":" + outside + ":" + count;
        }
    }

    @Provide
    Arbitrary<Triple> triples() {
        Arbitrary<Integer> ids = Arbitraries.integers().between(0, SMALL);
        Arbitrary<Integer> counts = Arbitraries.integers().between(1, 5);
        return Combinators.combine(ids, ids, counts).as(Triple::new);
    }

    @Provide
    Arbitrary<Long> edges() {
        return Arbitraries.oneOf(
                Arbitraries.longs(),
                Arbitraries.longs().between(-2, 2),
                Arbitraries.longs().between(MOST - 3, MOST + 3),
                Arbitraries.of(Long.MAX_VALUE, Long.MIN_VALUE, 1L << 31, 1L << 62));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void an_extent_lies_within_the_ids_or_is_refused(
            @ForAll("edges") long inside, @ForAll("edges") long outside, @ForAll("edges") long count) {
        boolean legal = count >= 1 && fits(inside, count) && fits(outside, count);
        if (legal) {
            assertThat(new IdMap(inside, outside, count)).hasToString(inside + ":" + outside + ":" + count);
        } else {
            assertThatIllegalArgumentException().isThrownBy(() -> new IdMap(inside, outside, count));
        }
    }

    private static boolean fits(long first, long count) {
        BigInteger last = BigInteger.valueOf(first).add(BigInteger.valueOf(count)).subtract(BigInteger.ONE);
        return first >= 0 && last.compareTo(BigInteger.valueOf(MOST)) <= 0;
    }

    @Property
    void extents_that_share_an_id_are_refused(
            @ForAll @Size(min = 1, max = 5) List<@From("triples") Triple> triples) {
        List<IdMap> extents = triples.stream().map(Triple::map).toList();
        if (shareAnId(triples)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> IdMaps.of(extents))
                    .withMessageContaining("overlap");
        } else {
            assertThat(IdMaps.of(extents).extents()).isEqualTo(extents);
        }
    }

    private static boolean shareAnId(List<Triple> triples) {
        List<Integer> inside = new ArrayList<>();
        List<Integer> outside = new ArrayList<>();
        for (Triple triple : triples) {
            for (int i = 0; i < triple.count; i++) {
                inside.add(triple.inside + i);
                outside.add(triple.outside + i);
            }
        }
        return inside.stream().distinct().count() < inside.size() || outside.stream().distinct().count() < outside.size();
    }

    @Property
    void looking_an_id_up_agrees_with_counting(
            @ForAll @Size(min = 1, max = 4) List<@From("triples") Triple> triples,
            @ForAll @IntRange(max = 2 * SMALL) int inside) {
        Assume.that(!shareAnId(triples));
        IdMaps maps = IdMaps.of(triples.stream().map(Triple::map).toList());
        long expected = -1;
        int lowest = Integer.MAX_VALUE;
        for (Triple triple : triples) {
            for (int i = 0; i < triple.count; i++) {
                expected = triple.inside + i == inside ? triple.outside + i : expected;
                lowest = Math.min(lowest, triple.inside + i);
            }
        }
        assertThat(maps.outside(inside)).isEqualTo(expected);
        assertThat(maps.maps(inside)).isEqualTo(expected >= 0);
        assertThat(maps.firstInside()).isEqualTo(lowest);
        assertThat(maps.isSingle()).isEqualTo(triples.size() == 1 && triples.get(0).count == 1);
    }

    @Property
    void what_is_parsed_prints_for_the_kernel(
            @ForAll @Size(min = 1, max = 4) List<@From("triples") Triple> triples) {
        Assume.that(!shareAnId(triples));
        String text = String.join(",", triples.stream().map(Triple::text).toList());
        StringBuilder kernel = new StringBuilder();
        for (Triple triple : triples) {
            kernel.append(triple.text().replace(':', ' ')).append('\n');
        }
        IdMaps maps = IdMaps.parse(text);
        assertThat(maps.toProcText()).isEqualTo(kernel.toString());
        assertThat(maps).hasToString("[" + text.replace(",", ", ") + "]");
    }

    @Property
    void no_other_text_is_an_id_map(@ForAll("nearlyMaps") String text) {
        if (text.matches("[0-9]{1,10}(:[0-9]{1,10}){2}(,[0-9]{1,10}(:[0-9]{1,10}){2})*")) {
            return;
        }
        assertThatIllegalArgumentException().isThrownBy(() -> IdMaps.parse(text));
    }

    @Provide
    Arbitrary<String> nearlyMaps() {
        return Arbitraries.oneOf(
                Arbitraries.strings(), Arbitraries.strings().withChars("0123456789:,+- \n\0٣").ofMaxLength(20));
    }

    @Property
    void an_id_at_the_end_of_the_range_is_looked_up_without_overflow(@ForAll @LongRange(max = MOST) long id) {
        IdMaps whole = IdMaps.of(new IdMap(0, 0, MOST + 1));
        assertThat(whole.outside(id)).isEqualTo(id);
        assertThat(whole.outside(MOST + 1)).isEqualTo(-1);
        assertThat(whole.outside(-1)).isEqualTo(-1);
    }

    @Example
    void the_kernel_takes_340_extents_and_none_is_no_map() {
        List<IdMap> extents = new ArrayList<>();
        for (int i = 0; i < 340; i++) {
            extents.add(new IdMap(2 * i, 2 * i, 1));
        }
        assertThat(IdMaps.of(extents).extents()).hasSize(340);
        extents.add(new IdMap(1000, 1000, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> IdMaps.of(extents));
        assertThatIllegalArgumentException().isThrownBy(() -> IdMaps.of(List.of()));
    }
}
