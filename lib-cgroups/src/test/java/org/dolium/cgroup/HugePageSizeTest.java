// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HugePageSizeTest {
    @TempDir
    Path scratch;

    @Test
    void sizes_have_the_names_of_the_kernel_s_files() {
        assertThat(new HugePageSize(64 << 10)).hasToString("64KB");
        assertThat(new HugePageSize(1 << 20)).hasToString("1MB");
        assertThat(new HugePageSize(2 << 20)).hasToString("2MB");
        assertThat(new HugePageSize(512 << 20)).hasToString("512MB");
        assertThat(new HugePageSize(1 << 30)).hasToString("1GB");
        assertThat(new HugePageSize(16L << 30)).hasToString("16GB");
        assertThat(new HugePageSize(1L << 42)).hasToString("4096GB");
    }

    @Test
    void every_size_is_read_as_it_is_printed() {
        for (int bits = 12; bits < 60; bits++) {
            HugePageSize size = new HugePageSize(1L << bits);
            assertThat(HugePageSize.parse(size.toString())).isEqualTo(size);
        }
        assertThat(HugePageSize.parse("2048KB")).isEqualTo(HugePageSize.parse("2MB"));
    }

    @Test
    void what_is_no_size_is_refused() {
        for (String text : new String[] {"", "B", "MB", "2", "2M", "2mb", "2 MB", "-2MB", "2TB", "2MiB", "x2MB", "99999999999GB"}) {
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> HugePageSize.parse(text))
                    .withMessageContaining("the form \"2MB\"");
        }
        for (String text : new String[] {"3MB", "0MB", "2KB"}) {
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> HugePageSize.parse(text))
                    .withMessageContaining("not a power of two");
        }
    }

    @Test
    void the_kernel_s_directory_is_read_in_ascending_order() throws IOException {
        for (String name : new String[] {"hugepages-1048576kB", "hugepages-64kB", "hugepages-2048kB", "other"}) {
            Files.createDirectory(scratch.resolve(name));
        }
        assertThat(HugePageSize.in(scratch)).map(HugePageSize::toString).containsExactly("64KB", "2MB", "1GB");
        assertThat(HugePageSize.in(scratch.resolve("none"))).isEmpty();
    }

    /// /proc/meminfo names the size that is used when none is asked for.
    @Test
    void this_machine_has_its_default_size() throws IOException {
        List<HugePageSize> sizes = HugePageSize.ofThisMachine();
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("Hugepagesize:"))
                .map(line -> line.replaceAll("[^0-9]", "") + "KB")
                .forEach(text -> assertThat(sizes).contains(HugePageSize.parse(text)));
    }
}
