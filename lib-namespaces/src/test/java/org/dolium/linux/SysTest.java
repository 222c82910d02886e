// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SysTest {
    private static final String DEBIAN = "x86_64-linux-gnu/asm/unistd_64.h";
    private static final String ELSEWHERE = "asm/unistd_64.h";

    @Test
    void J_03_x86_64_numbers_are_those_of_the_kernel_headers() throws IOException {
        compare(Arch.X86_64, Files.exists(Path.of("/usr/include", ELSEWHERE)) ? ELSEWHERE : DEBIAN);
    }

    @Test
    void J_03_aarch64_numbers_are_those_of_the_kernel_headers() throws IOException {
        compare(Arch.AARCH64, "asm-generic/unistd.h");
    }

    private static void compare(Arch arch, String header) throws IOException {
        Map<String, Integer> numbers = KernelHeaders.defines(header);
        numbers.keySet().removeIf(name -> !name.startsWith("__NR_") || name.equals("__NR_syscalls"));
        int highest = numbers.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        for (Sys sys : Sys.values()) {
            String name = "__NR_" + sys.text();
            if (numbers.containsKey(name)) {
                assertThat(numbers).containsEntry(name, sys.number(arch));
            } else { // newer than the headers: numbers are only ever appended
                assertThat(sys.number(arch)).as(name).isGreaterThan(highest);
            }
        }
    }

    @Test
    void architectures_have_the_names_that_java_gives_them() {
        assertThat(Arch.parse("amd64")).isEqualTo(Arch.X86_64);
        assertThat(Arch.parse("aarch64")).isEqualTo(Arch.AARCH64);
        assertThatIllegalArgumentException().isThrownBy(() -> Arch.parse("riscv64")).withMessageContaining("riscv64");
    }
}
