// SPDX-License-Identifier: Apache-2.0
package org.dolium.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dolium.kernel.HostProbe;
import org.dolium.testing.MustRun;

class CapabilityProperties {
    private static final Path HEADER = Path.of("/usr/include/linux/capability.h");

    @Property
    void every_way_to_write_a_capability_is_read(@ForAll Capability capability, @ForAll boolean prefix, @ForAll boolean lower) {
        String text = (prefix ? "CAP_" : "") + capability.name();
        assertThat(Capability.parse(lower ? text.toLowerCase(Locale.ROOT) : text)).isEqualTo(capability);
        assertThat(Capability.parse(capability.toString())).isEqualTo(capability);
    }

    @Property
    void any_other_text_is_refused_and_quoted(@ForAll("texts") String text) {
        boolean known = List.of(Capability.values()).toString().contains("CAP_" + text.toUpperCase(Locale.ROOT).replace("CAP_", ""));
        if (!known) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Capability.parse(text))
                    .withMessage("unknown capability '" + text + "'");
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.strings(),
                Arbitraries.strings().withChars("CAP_kill\0 ").ofMaxLength(9),
                Arbitraries.of("CAP_CAP_KILL", "ALL", "CAP_", "KILL ", "9"));
    }

    /// Whatever is added and removed, the sets stay ones that the kernel accepts, and hold exactly what was asked.
    @Property
    void additions_and_removals_keep_the_sets_consistent(@ForAll List<@From("changes") Change> changes) {
        CapabilitySets sets = CapabilitySets.none();
        long plain = 0;
        long ambient = 0;
        for (Change change : changes) {
            long bit = 1L << change.capability.ordinal();
            sets = change.apply(sets);
            plain = change.kind == 2 ? plain & ~bit : plain | bit;
            ambient = change.kind == 2 ? ambient & ~bit : change.kind == 1 ? ambient | bit : ambient;
        }
        assertThat(sets).isEqualTo(new CapabilitySets(plain, plain, plain, ambient, ambient));
    }

    /// @param kind 0 adds, 1 adds to all sets, 2 removes
    record Change(Capability capability, int kind) {
        CapabilitySets apply(CapabilitySets sets) {
            return kind == 0 ? sets.plus(capability) : kind == 1 ? sets.plusAmbient(capability) : sets.minus(capability);
        }
    }

    @Provide
    Arbitrary<Change> changes() {
        return Combinators.combine(Arbitraries.of(Capability.class), Arbitraries.integers().between(0, 2))
                .as(Change::new);
    }

    @Example
    void numbers_are_those_of_the_kernel_headers() throws IOException {
        MustRun.require(Files.isReadable(HEADER), "the kernel header " + HEADER);
        Map<String, Integer> kernel = new HashMap<>();
        Pattern define = Pattern.compile("#define (CAP_\\w+)\\s+(\\d+)");
        for (String line : Files.readAllLines(HEADER)) {
            Matcher matcher = define.matcher(line);
            if (matcher.matches()) {
                kernel.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
            }
        }
        for (Capability capability : Capability.values()) {
            assertThat(kernel).containsEntry(capability.toString(), capability.ordinal());
        }
    }

    /// A capability that the running kernel has and Dolium lacks is dropped, but can't be asked for.
    @Example
    void every_capability_of_this_kernel_has_a_name() {
        assertThat(HostProbe.host().lastCapability()).isBetween(37, Capability.values().length - 1);
    }
}
