// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;

/// What was written is read as the same.
class SeccompJsonProperties {
    @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
    void a_profile_in_dockers_form_is_read_as_it_was(@ForAll long seed) {
        SeccompProfile profile = new RandomProfile(new Random(seed)).profile();
        String json = SeccompJson.toDocker(profile);
        ParsedProfile parsed = SeccompJson.parse(json);
        assertThat(parsed.profile().rules()).isEqualTo(profile.rules());
        assertThat(parsed.profile()).isEqualTo(profile).hasSameHashCodeAs(profile);
        assertThat(parsed.unknownCalls()).isEmpty();
        assertThat(parsed.foreignArchitectures()).isEmpty();
        assertThat(SeccompJson.toDocker(parsed.profile())).isEqualTo(json);
    }

    @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
    void a_profile_in_the_form_of_oci_is_read_as_it_was_for_its_target(@ForAll long seed) {
        RandomProfile random = new RandomProfile(new Random(seed));
        SeccompProfile profile = random.profile();
        SeccompTarget target = random.target();
        String json = SeccompJson.toOci(profile, target);
        assertThat(json).doesNotContain("includes").doesNotContain("excludes");
        SeccompProfile read = SeccompJson.parse(json).profile();
        assertThat(read).isEqualTo(profile.at(target));
        assertThat(program(read, target)).isEqualTo(program(profile, target));
    }

    private static Object program(SeccompProfile profile, SeccompTarget target) {
        try {
            return profile.compile(target);
        } catch (IllegalArgumentException e) { // the argument of some call is too small for the constant
            return String.valueOf(e.getMessage());
        }
    }
}
