// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class SubordinateIdsProperties {
    private static final long UID = 1000;

    @Example
    void ranges_are_found_by_name_and_by_number_in_the_order_of_the_file() {
        String text = """
                # a comment
                root:1:5
                alice:100000:65536
                alice2:7:7
                1000:300000:10
                10000:8:8
                alice:200000:20
                """;
        assertThat(SubordinateIds.parse(text, "alice", UID)).containsExactly(
                new IdMap(0, 100000, 65536), new IdMap(0, 300000, 10), new IdMap(0, 200000, 20));
        assertThat(SubordinateIds.parse(text, "", UID)).containsExactly(new IdMap(0, 300000, 10));
        assertThat(SubordinateIds.parse(text, "bob", 7)).isEmpty();
    }

    @Example
    void a_user_without_a_name_does_not_get_the_ranges_of_an_empty_one() {
        assertThat(SubordinateIds.parse(":100000:65536\n", "", UID)).isEmpty();
    }

    @Example
    void O_01_a_malformed_line_is_an_error_only_for_its_user() {
        for (String line : new String[] {
            "alice:1", "alice:1:2:3", "alice::5", "alice:1:", "alice:x:5", "alice:1:0", "alice:-1:5", "alice:1:-5",
            "alice:4294967290:100", "alice:99999999999999999999:1", "alice"
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SubordinateIds.parse("bob:1:2\n" + line, "alice", UID))
                    .withMessageContaining("line 2");
            assertThat(SubordinateIds.parse("bob:1:2\n" + line, "bob", 1001)).hasSize(1);
        }
    }

    @Property
    void O_01_hostile_text_is_read_or_refused(@ForAll("texts") String text) {
        try {
            assertThat(SubordinateIds.parse(text, "a", 1)).allMatch(range -> range.count() > 0);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("line ");
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings(), Arbitraries.strings().withChars("a1:-+9\n \r\0٣").ofMaxLength(60));
    }

    @Property
    void own_id_is_0_and_the_ranges_follow_without_a_gap(
            @ForAll @LongRange(max = 99) long own,
            @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 70000) Integer> counts) {
        List<IdMap> granted = new ArrayList<>();
        List<Long> expected = new ArrayList<>(List.of(own));
        long start = 100;
        for (int count : counts) {
            granted.add(new IdMap(0, start, count));
            expected.add(start);
            expected.add(start + count - 1);
            start += count + 5;
        }
        IdMaps maps = SubordinateIds.withOwn(own, granted);
        List<Long> ends = new ArrayList<>(List.of(maps.outside(0)));
        long next = 1;
        for (int count : counts) {
            ends.add(maps.outside(next));
            next += count;
            ends.add(maps.outside(next - 1));
        }
        assertThat(ends).isEqualTo(expected);
        assertThat(maps.maps(next)).isFalse();
    }

    @Example
    void ranges_that_hold_ones_own_id_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SubordinateIds.withOwn(100, List.of(new IdMap(0, 90, 20))))
                .withMessageContaining("overlap");
    }
}
