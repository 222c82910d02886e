// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MountTargetProperties {
    @Property
    void a_mount_point_is_accepted_if_it_is_absolute_plain_and_outside_of_proc(@ForAll("targets") String target) {
        boolean good = target.startsWith("/") && target.length() > 1 && target.indexOf('\0') < 0
                && !("/" + target + "/").contains("/./") && !(target + "/").contains("/../")
                && target.equals(Path.of(target).normalize().toString())
                && !Path.of(target).startsWith("/proc");
        if (good) {
            assertThat(new Mount.Bind("/x", target, true, BindOptions.standard()).target()).isEqualTo(target);
            assertThat(new Mount.Mqueue(target).target()).isEqualTo(target);
        } else {
            refused(target);
        }
    }

    @Provide
    Arbitrary<String> targets() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars("/.a\0").ofMaxLength(8),
                Arbitraries.of("/proc", "/sys", "/pro", "/processes", "a", "").tuple2()
                        .map(pair -> pair.get1() + "/" + pair.get2()),
                Arbitraries.of("proc", "a", "..", ".", "", "...", ".a", "b ").list().ofMaxSize(4)
                        .map(parts -> "/" + String.join("/", parts)));
    }

    @Example
    void what_must_not_be_a_mount_point_is_refused() {
        for (String target : new String[] {
            "", "/", "relative", "./x", "/x/", "//x", "/x//y", "/..", "/x/..", "/../x", "/x/./y", "/proc", "/proc/self",
            "/proc/sys/kernel", "/x\0y"
        }) {
            refused(target);
        }
    }

    private static void refused(String target) {
        assertThatIllegalArgumentException()
                .as("bind on '%s'", target)
                .isThrownBy(() -> new Mount.Bind("/x", target, true, BindOptions.standard()));
        assertThatIllegalArgumentException().isThrownBy(() -> new Mount.Tmpfs(target, 1, 1, 0755, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Mount.Mqueue(target));
    }
}
