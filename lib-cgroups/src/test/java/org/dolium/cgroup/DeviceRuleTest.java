// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.dolium.cgroup.DeviceRule.Type;

class DeviceRuleTest {
    @Provide
    static Arbitrary<DeviceRule> rules() {
        return Combinators.combine(
                        Arbitraries.of(Type.class),
                        Arbitraries.integers().between(DeviceRule.ANY, 4095),
                        Arbitraries.integers().between(DeviceRule.ANY, 1048575),
                        Arbitraries.integers().between(1, 7))
                .as((type, major, minor, access) -> new DeviceRule(
                        type, major, minor, (access & 1) != 0, (access & 2) != 0, (access & 4) != 0));
    }

    @Property
    void what_is_printed_is_read_as_the_same_rule(@ForAll("rules") DeviceRule rule) {
        assertThat(DeviceRule.parse(rule.toString())).isEqualTo(rule);
    }

    @Example
    void a_rule_is_read_as_docker_reads_it() {
        assertThat(DeviceRule.parse("c 1:3 rwm"))
                .isEqualTo(new DeviceRule(Type.CHARACTER, 1, 3, true, true, true))
                .hasToString("c 1:3 rwm");
        assertThat(DeviceRule.parse("b 8:* mr"))
                .isEqualTo(new DeviceRule(Type.BLOCK, 8, DeviceRule.ANY, true, false, true))
                .hasToString("b 8:* rm");
        assertThat(DeviceRule.parse("a *:* w"))
                .isEqualTo(new DeviceRule(Type.ALL, DeviceRule.ANY, DeviceRule.ANY, false, true, false));
        assertThat(DeviceRule.parse("c 4095:1048575 rr")).hasToString("c 4095:1048575 r");
    }

    /// On cgroup v1 a number of 32 ones would mean "any".
    @Example
    void what_is_wrong_is_said() {
        refused("", "three parts");
        refused("c 1:3", "three parts");
        refused("c 1 3 rwm", "three parts");
        refused("c  1:3 rwm", "three parts");
        refused("d 1:3 rwm", "type \"d\" is none of c, b, a");
        refused(" 1:3 rwm", "type \"\" is none of c, b, a");
        refused("cb 1:3 rwm", "type \"cb\"");
        refused("c 4096:3 rwm", "major \"4096\" is neither * nor a number from 0 to 4095");
        refused("c 1:1048576 rwm", "minor \"1048576\" is neither * nor a number from 0 to 1048575");
        refused("c 4294967295:0 r", "major \"4294967295\"");
        refused("c 18446744073709551617:0 r", "major \"18446744073709551617\"");
        refused("c -1:0 r", "major \"-1\"");
        refused("c +1:0 r", "major \"+1\"");
        refused("c :0 r", "major \"\"");
        refused("c 1: r", "minor \"\"");
        refused("c 1:2:3 r", "minor \"2:3\"");
        refused("c 1:3 ", "access \"\"");
        refused("c 1:3 rwx", "access \"rwx\" is not one to three of r, w, m");
        refused("c 1:3 rwmr", "access \"rwmr\"");
        refused("c 1:3 r\na", "access \"r\\na\"");
        refused("c \u0661:3 r", "major");
    }

    private static void refused(String rule, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceRule.parse(rule))
                .withMessageContaining(why)
                .withMessageStartingWith("device rule \"")
                .withMessageContaining("the form is \"c 1:3 rwm\"");
    }

    @Property
    void any_text_is_a_rule_or_refused(
            @ForAll @StringLength(max = 14) @CharRange(from = ' ', to = 'z') String text) {
        try {
            assertThat(DeviceRule.parse(text).toString()).matches("[abc] (\\d+|\\*):(\\d+|\\*) r?w?m?");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("device rule");
        }
    }

    @Example
    void a_rule_that_can_not_be_is_not_made() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceRule(Type.ALL, 1, 1, false, false, false))
                .withMessageContaining("none of r, w, m");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceRule(Type.ALL, -2, 1, true, false, false))
                .withMessageContaining("major number -2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeviceRule(Type.ALL, 1, 1 << 20, true, false, false))
                .withMessageContaining("minor number 1048576");
    }

    /// No wildcard that allows to make nodes, no disks, no network tunnels, no console of the host.
    @Example
    void the_standard_list_is_that_of_a_container_s_own_dev() {
        assertThat(DeviceRule.standard().toString())
                .isEqualTo("[c 1:3 rwm, c 1:5 rwm, c 1:7 rwm, c 1:8 rwm, c 1:9 rwm, c 5:0 rwm, c 5:2 rw, c 136:* rw]");
        assertThat(DeviceRule.standard()).noneMatch(rule -> rule.make() && rule.minor() == DeviceRule.ANY);
    }
}
