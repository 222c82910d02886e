// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.linux.Sys;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Row L-04 of the security matrix: the machine code can't be changed.
@Tag("kernel")
class CodePageTest {

    private static String permissions(long address) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] range = line.substring(0, line.indexOf(' ')).split("-");
            if (Long.parseUnsignedLong(range[0], 16) <= address && address < Long.parseUnsignedLong(range[1], 16)) {
                return line.split(" +")[1];
            }
        }
        throw new AssertionError("not mapped: " + Long.toHexString(address));
    }

    @Test
    void L_04_the_page_of_the_stub_is_never_writable_and_executable_at_once() throws Exception {
        assertThat(permissions(Native.RAW.address())).isEqualTo("r-xp");
        assertThat(permissions(Native.CLONE.address())).isEqualTo("r-xp");
        assertThat(permissions(Native.LINES.address())).isEqualTo("r-xp");
    }

    @Test
    void L_04_without_the_control_the_look_sees_a_writable_page() throws Exception {
        long page = Kernel.check(Kernel.call(Sys.MMAP, 0, 4096, 7, 0x22, -1, 0), "mmap");
        assertThat(permissions(page)).isEqualTo("rwxp");
        Kernel.check(Kernel.call(Sys.MPROTECT, page, 4096, 0), "mprotect");
    }

    @Test
    void L_04_a_write_to_the_stub_is_a_fault() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
                        "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null", "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), Overwrite.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(jvm.getInputStream().readAllBytes());
        assertThat(jvm.waitFor()).isNotZero();
        assertThat(output).startsWith("before\n").containsAnyOf("SIGSEGV", "fault").doesNotContain("after\n");
    }

    /// Writes to the machine code of the JVM that it runs in.
    static final class Overwrite {
        private Overwrite() {}

        @SuppressWarnings("restricted")
        public static void main(String[] arguments) {
            System.out.println("before");
            Native.RAW.reinterpret(16).set(ValueLayout.JAVA_BYTE, 0, (byte) 0xc3);
            System.out.println("after");
        }
    }
}
