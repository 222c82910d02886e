// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class FiguresProperties {
    @Property
    void a_number_is_read_as_it_is_written(@ForAll @LongRange(min = 0) long value) {
        assertThat(Figures.number(value + "\n")).isEqualTo(value);
        assertThat(Figures.number("" + value)).isEqualTo(value);
        assertThat(Figures.field("before " + ~value + "\nname " + value + "\nnamed 5\n", "name")).isEqualTo(value);
    }

    @Property
    void any_text_is_a_number_or_none(@ForAll String text, @ForAll String name) {
        assertThat(Figures.number(text)).isGreaterThanOrEqualTo(-1);
        assertThat(Figures.field(text, name)).isGreaterThanOrEqualTo(-1);
        assertThat(Figures.field(name + " " + text, name)).isGreaterThanOrEqualTo(-1);
    }

    @Property
    void digits_are_a_number_if_it_fits(@ForAll @LongRange(min = 0) long head, @ForAll @LongRange(min = 0) long tail) {
        String digits = "" + head + tail;
        java.math.BigInteger exact = new java.math.BigInteger(digits);
        boolean fits = exact.bitLength() < 64;
        assertThat(Figures.number(digits)).isEqualTo(fits ? exact.longValueExact() : -1);
    }

    @Example
    void what_is_no_number_is_none() {
        for (String bad : new String[] {"", "\n", "max\n", "-1\n", "1 2\n", " 1", "0x10", "1.5", "9223372036854775808"}) {
            assertThat(Figures.number(bad)).as(bad).isEqualTo(-1);
        }
        assertThat(Figures.number(null)).isEqualTo(-1);
        assertThat(Figures.number("9223372036854775807\n")).isEqualTo(Long.MAX_VALUE);
    }

    @Property
    void multiplying_never_overflows(@ForAll long value, @ForAll @LongRange(min = 1) long unit) {
        assertThat(Figures.times(value, unit).orElse(0)).isNotNegative();
    }

    @Example
    void a_name_is_a_whole_word() {
        assertThat(Figures.field("oom_kill 3\noom 2\n", "oom")).isEqualTo(2);
        assertThat(Figures.field("xoom 3\n", "oom")).isEqualTo(-1);
        assertThat(Figures.field("oom\n", "oom")).isEqualTo(-1);
    }
}
