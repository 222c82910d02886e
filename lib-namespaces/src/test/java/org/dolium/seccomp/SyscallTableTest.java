// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.RawCall;
import org.dolium.linux.Arch;
import org.dolium.linux.KernelHeaders;
import org.dolium.linux.Sys;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SyscallTableTest {
    private static final SyscallTable X86 = SyscallTable.of(Arch.X86_64);
    private static final SyscallTable ARM = SyscallTable.of(Arch.AARCH64);

    /// In the generic header, but of 32-bit architectures, or no calls at all, or other names of a call.
    private static final Set<String> NOT_ON_AARCH64 = Set.of(
            "arch_specific_syscall", "syscalls", "sync_file_range2", "fcntl64", "statfs64", "fstatfs64", "truncate64",
            "ftruncate64", "llseek", "sendfile64", "fstatat64", "fstat64", "mmap2", "fadvise64_64", "stat64", "lstat64");

    private static Map<String, Integer> header(String file) throws IOException {
        Map<String, Integer> calls = new TreeMap<>();
        KernelHeaders.defines(file).forEach((name, number) -> {
            if (name.startsWith("__NR_")) {
                calls.put(name.substring(5), number);
            }
        });
        return calls;
    }

    @Test
    void x86_64_has_all_calls_of_the_headers() throws IOException {
        String file = "x86_64-linux-gnu/asm/unistd_64.h";
        Map<String, Integer> calls =
                header(Files.exists(Path.of("/usr/include", file)) ? file : "asm/unistd_64.h");
        assertThat(calls).hasSizeGreaterThan(350);
        calls.forEach((name, number) -> assertThat(X86.number(name)).as(name).isEqualTo(number));
    }

    @Test
    void aarch64_has_all_calls_of_the_headers() throws IOException {
        Map<String, Integer> calls = header("asm-generic/unistd.h");
        calls.keySet().removeAll(NOT_ON_AARCH64);
        calls.values().removeIf(number -> number >= 403 && number <= 423); // times of 64 bits, on 32-bit processors
        assertThat(calls).hasSizeGreaterThan(290);
        calls.forEach((name, number) -> assertThat(ARM.number(name)).as(name).isEqualTo(number));
    }

    @Test
    void numbers_agree_with_the_calls_that_dolium_makes() {
        for (Sys sys : Sys.values()) {
            for (Arch arch : Arch.values()) {
                assertThat(SyscallTable.of(arch).number(sys.text())).isEqualTo(sys.number(arch));
            }
        }
    }

    @Test
    void names_and_numbers_belong_together() {
        for (SyscallTable table : List.of(X86, ARM)) {
            int count = 0;
            for (int number = 0; number <= table.last(); number++) {
                String name = table.name(number);
                if (name != null) {
                    count++;
                    assertThat(table.number(name)).isEqualTo(number);
                    assertThat(table.release(number)).matches("[2-7]\\.\\d+(\\.\\d+)?");
                }
            }
            assertThat(count).isGreaterThan(320);
            assertThat(table.name(-1)).isNull();
            assertThat(table.name(1 << 30)).isNull();
        }
        assertThat(X86.number("openat2")).isEqualTo(437);
        assertThat(X86.release(437)).isEqualTo("5.6");
        assertThat(ARM.release(63)).isEqualTo("3.7");
        assertThat(ARM.number("open")).isEqualTo(-1);
        assertThat(ARM.knows("open")).isTrue();
        assertThat(ARM.knows("opne")).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> X86.release(400));
    }

    /// From 424 on, numbers are the same everywhere, and later releases have higher ones.
    @Test
    void newer_calls_have_the_same_number_everywhere_and_were_added_in_order() {
        assertThat(X86.last()).isEqualTo(ARM.last()).isGreaterThanOrEqualTo(469);
        for (int number = 424; number <= X86.last(); number++) {
            assertThat(X86.name(number)).isNotNull().isEqualTo(ARM.name(number));
            assertThat(X86.release(number)).isEqualTo(ARM.release(number));
        }
    }

    /// If this fails, the table is older than the kernel: add its new calls, and say in the profiles what they may do.
    @Test
    @Tag("kernel")
    void the_running_kernel_has_no_call_that_the_table_lacks() {
        SyscallTable table = SyscallTable.of(Kernel.ARCH);
        List<Integer> unknown = new ArrayList<>();
        for (int number = 0; number < 1024; number++) {
            if (table.name(number) == null && RawCall.probe(number) != -38) {
                unknown.add(number);
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(RawCall.probe(table.number("getppid"))).isPositive(); // the probe can see a call
    }

    /// The kernel's tracing knows the types of all arguments.
    @Test
    @Tag("root")
    void widths_are_those_of_the_running_kernel() throws Exception {
        MustRun.root();
        Process process = new ProcessBuilder("unshare", "-m", "sh", "-c",
                        "mount -t tracefs none /mnt && cd /mnt/events/syscalls && grep -H field: sys_enter_*/format")
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        boolean works = process.waitFor() == 0;
        MustRun.require(works, "tracing of system calls: " + output.lines().findFirst().orElse(""));
        Pattern field = Pattern.compile("sys_enter_(\\w+)/format:\\s*field:(.+?) ?\\w+;\\s*offset:(\\d+);.*");
        SyscallTable table = SyscallTable.of(Kernel.ARCH);
        int compared = 0;
        for (String line : output.split("\n")) {
            Matcher matcher = field.matcher(line);
            if (!matcher.matches() || Integer.parseInt(matcher.group(3)) < 16) {
                continue; // what all events have
            }
            String call = matcher.group(1).replaceFirst("^new(stat|fstat|lstat|uname)$", "$1").replaceFirst("^sendfile64$", "sendfile");
            int number = table.number(call.equals("umount") ? "umount2" : call);
            int argument = (Integer.parseInt(matcher.group(3)) - 16) / 8;
            boolean clone = call.equals("clone") && argument == 0;
            int bits = clone ? 32 : bits(matcher.group(2));
            assertThat(table.bits(number, argument)).as("%s of %s, argument %d", matcher.group(2), call, argument).isEqualTo(bits);
            compared++;
        }
        assertThat(compared).isGreaterThan(900);
    }

    private static int bits(String type) {
        return switch (type.replaceFirst("^const ", "")) {
            case "umode_t" -> 16;
            case "int", "unsigned int", "unsigned", "u32", "__u32", "__s32", "pid_t", "uid_t", "gid_t", "clockid_t", "mqd_t",
                    "timer_t", "key_t", "key_serial_t", "rwf_t", "qid_t", "enum landlock_rule_type" -> 32;
            default -> 64;
        };
    }
}
