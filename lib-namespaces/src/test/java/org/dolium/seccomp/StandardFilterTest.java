// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.testing.BpfInterpreter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The programs of Dolium's own profiles, for every way in which they are compiled.
class StandardFilterTest {
    static Stream<Arguments> programs() {
        List<Arguments> all = new ArrayList<>();
        for (String profile : List.of("standard", "docker", "strict")) {
            for (Arch arch : Arch.values()) {
                List<CapabilitySets> sets = new ArrayList<>(List.of(
                        CapabilitySets.standard(), CapabilitySets.none(), CapabilitySets.all()));
                for (Capability capability : profile.equals("standard") ? Capability.values() : new Capability[0]) {
                    sets.add(CapabilitySets.none().plus(capability));
                }
                for (CapabilitySets set : sets) {
                    SeccompTarget target = new SeccompTarget(arch, set.bounding(), 5, 14);
                    all.add(Arguments.of(profile, target));
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void every_instruction_is_reached_and_answers_as_the_profile_says(String name, SeccompTarget target) {
        SeccompProfile profile = SeccompProfile.parse(name);
        BpfInterpreter filter = new BpfInterpreter(profile.compile(target));
        FilterProperties.agree(filter, Oracle.of(profile, target), new Calls(profile, target), target);
        assertThat(filter.run(BpfInterpreter.I386, 102, new long[6])).isEqualTo(SeccompAction.errno(Errno.ENOSYS).value());
        assertThat(filter.notCovered()).isEmpty();
        assertThat(filter.size()).isLessThan(250);
    }
}
