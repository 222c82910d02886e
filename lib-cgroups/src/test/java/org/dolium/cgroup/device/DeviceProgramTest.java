// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.DeviceRule.Type;
import org.dolium.cgroup.device.Requests.Request;
import org.dolium.testing.Golden;

class DeviceProgramTest {
    @Provide
    static Arbitrary<List<DeviceRule>> lists() {
        return Requests.lists();
    }

    @Provide
    static Arbitrary<Request> requests() {
        return Requests.requests();
    }

    @Example
    void the_standard_program_is_as_written_down() throws IOException {
        Golden.check("device-program-standard", DeviceProgram.compile(DeviceRule.standard()).toString());
    }

    @Example
    void a_list_without_rules_denies_everything() {
        assertThat(DeviceProgram.compile(List.of())).hasToString("""
                0: (b7) r0 = 0
                1: (95) exit
                """);
    }

    @Property(tries = 5000)
    void S_21_a_program_allows_what_its_list_allows(
            @ForAll("lists") List<DeviceRule> rules, @ForAll("requests") Request request) {
        byte[] program = DeviceProgram.compile(rules).bytes();
        long expected = Requests.allowed(rules, request) ? 1 : 0;
        assertThat(BpfMachine.run(program, word(request), request.major(), request.minor())).isEqualTo(expected);
    }

    /// Random requests alone would nearly never name one of a few nodes.
    @Property
    void every_rule_allows_its_own_nodes(@ForAll("lists") List<DeviceRule> rules) {
        byte[] program = DeviceProgram.compile(rules).bytes();
        for (DeviceRule rule : rules) {
            Request request = new Request(
                    rule.type() == Type.ALL ? Type.BLOCK : rule.type(),
                    rule.major() == DeviceRule.ANY ? 77 : rule.major(),
                    rule.minor() == DeviceRule.ANY ? 88 : rule.minor(),
                    rule.access());
            assertThat(BpfMachine.run(program, word(request), request.major(), request.minor())).isEqualTo(1);
        }
    }

    /// What later kernels may ask for is not what was allowed.
    @Property
    void kinds_and_accesses_of_later_kernels_are_denied(@ForAll("requests") Request request) {
        byte[] program = DeviceProgram.compile(List.of(DeviceRule.parse("a *:* rwm"))).bytes();
        int word = word(request);
        assertThat(BpfMachine.run(program, word, request.major(), request.minor())).isEqualTo(1);
        assertThat(BpfMachine.run(program, word | 8 << 16, request.major(), request.minor())).isZero();
        assertThat(BpfMachine.run(program, word | 1 << 31, request.major(), request.minor())).isZero();
        assertThat(BpfMachine.run(program, word | 4, request.major(), request.minor())).isZero();
    }

    /// `BPF_DEVCG_ACC_*` above `BPF_DEVCG_DEV_*`, from linux/bpf.h.
    private static int word(Request request) {
        int access = (request.access().contains("m") ? 1 : 0)
                | (request.access().contains("r") ? 2 : 0)
                | (request.access().contains("w") ? 4 : 0);
        return access << 16 | (request.type() == Type.BLOCK ? 1 : 2);
    }

    @Property
    void equal_lists_give_equal_programs_of_bounded_length(@ForAll("lists") List<DeviceRule> rules) {
        DeviceProgram program = DeviceProgram.compile(rules);
        assertThat(DeviceProgram.compile(List.copyOf(rules)).bytes()).isEqualTo(program.bytes());
        assertThat(program.bytes()).hasSize(8 * program.length());
        assertThat(program.length()).isLessThanOrEqualTo(2 + 2 * DeviceProgram.BLOCK * rules.size());
    }

    static List<DeviceRule> different(int count) {
        List<DeviceRule> rules = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rules.add(new DeviceRule(Type.CHARACTER, 3000 + i % 7, i, true, i % 2 == 0, i % 3 == 0));
        }
        return rules;
    }

    /// 4096 is what any kernel takes.
    @Example
    void the_longest_program_has_less_than_4096_instructions() {
        assertThat(DeviceProgram.compile(different(450)).length()).isEqualTo(4052);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceProgram.compile(different(451)))
                .withMessage("a list of 451 device rules is longer than 450 (type a counts twice)");
    }

    @Example
    void repeated_rules_do_not_make_it_longer() {
        List<DeviceRule> rules = new ArrayList<>(different(450));
        rules.addAll(different(450));
        assertThat(DeviceProgram.compile(rules).bytes()).isEqualTo(DeviceProgram.compile(different(450)).bytes());
    }
}
