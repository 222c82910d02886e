// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;

/// The readers of /proc texts against writers that write as the kernel does.
class ProcTextProperties {
    /// As seq_path(9) writes a name.
    private static String mangled(byte[] name) {
        StringBuilder out = new StringBuilder();
        for (byte b : name) {
            boolean special = b == ' ' || b == '\t' || b == '\n' || b == '\\' || b == '#';
            out.append(special ? String.format("\\%03o", b) : String.valueOf((char) (b & 0xff)));
        }
        return out.toString();
    }

    /// What a reader of [MountEntry#point] gets back.
    private static byte[] named(String printable) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < printable.length(); i++) {
            if (printable.charAt(i) == '\\') {
                out.append((char) Integer.parseInt(printable.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                out.append(printable.charAt(i));
            }
        }
        return out.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] withoutZeros(byte[] name) {
        byte[] copy = name.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = copy[i] == 0 ? 1 : copy[i];
        }
        return copy;
    }

    @Property(tries = 500)
    void every_name_of_a_mount_is_told_in_printable_characters_and_none_is_like_another(
            @ForAll @Size(max = 40) byte[] bytes, @ForAll @Size(max = 10) byte[] from) {
        byte[] name = withoutZeros(bytes);
        byte[] source = withoutZeros(from);
        String line = "36 35 98:0 / /" + mangled(name) + " rw,nosuid shared:7 master:1 - tmpfs " + mangled(source)
                + " ro,size=4k\n";
        List<MountEntry> mounts = ProcText.mounts("1 1 0:1 / / rw - ext4 x rw\n" + line + "5 5 0:2 / /last rw - proc p rw\n");
        assertThat(mounts).hasSize(3);
        MountEntry mount = mounts.get(1);
        assertThat(mount.point()).matches("[ -~]*");
        assertThat(named(mount.point())).isEqualTo(("/" + new String(name, StandardCharsets.ISO_8859_1))
                .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(named(mount.source())).isEqualTo(source);
        assertThat(mount.flags()).containsExactly("ro", "nosuid");
        assertThat(mount.propagation()).isEqualTo("shared:7 master:1");
        assertThat(mounts.get(2).point()).isEqualTo("/last");
    }

    @Property(tries = 500)
    void no_text_is_too_odd_to_be_read(@ForAll @Size(max = 300) List<@IntRange(max = 127) Integer> characters) {
        StringBuilder text = new StringBuilder();
        characters.forEach(c -> text.append((char) c.intValue()));
        String odd = text.toString();
        ProcText.mounts(odd + "\n");
        ProcText.idMaps(odd);
        ProcText.numbers(odd);
        ProcText.softLimit(odd, "Max");
        ProcText.mask(odd, "CapBnd");
        assertThat(ProcText.printable(odd, true)).matches("[ -~]*");
    }

    @Property(tries = 300)
    void a_line_that_is_cut_off_is_no_mount(@ForAll @IntRange(max = 54) int length) {
        String line = "36 35 98:0 /a /mnt/b rw,noatime master:1 - ext3 /dev/r rw\n";
        assertThat(ProcText.mounts(line)).hasSize(1);
        assertThat(ProcText.mounts(line.substring(0, length))).isEmpty();
    }

    @Property(tries = 300)
    void id_maps_are_read_as_the_kernel_writes_them(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 65536) Integer> counts) {
        List<IdMap> extents = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        long inside = 0;
        for (int count : counts) {
            extents.add(new IdMap(inside, 100_000 + 2 * inside, count));
            text.append(String.format("%10d %10d %10d\n", inside, 100_000 + 2 * inside, count));
            inside += count;
        }
        Optional<IdMaps> maps = ProcText.idMaps(text.toString());
        assertThat(maps.orElseThrow().extents()).isEqualTo(extents);
        assertThat(ProcText.inside(maps, 100_000)).isZero();
        assertThat(ProcText.inside(maps, 99_999)).isEqualTo(-1);
    }

    @Property(tries = 300)
    void numbers_are_decimal_or_none(@ForAll long number) {
        assertThat(ProcText.number(Long.toString(number)))
                .isEqualTo(number >= 0 && number < 1_000_000_000_000_000_000L ? number : -1);
    }
}
