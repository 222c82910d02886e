// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.linux.Errno;
import org.junit.jupiter.api.Test;

/// The table as people see it.
class ReportTest {
    @Test
    void names_states_and_details_are_aligned_and_remedies_wrapped() {
        String report = new Report(List.of(
                        Finding.ok("one", "1.0"),
                        Finding.ok("a longer name", ""),
                        Finding.missing(
                                "two", "call() = -1 EPERM", "word ".repeat(30).trim(), "do this\n    sudo x\n      y\nand that"),
                        Finding.reduced("three", "", "something", "do this\n    sudo x\n      y\nand that")))
                .toString();
        assertThat(report).isEqualTo("""
                one            ok       1.0
                a longer name  ok
                two            missing  call() = -1 EPERM
                    without it: word word word word word word word word word word word word word word word word word
                                word word word word word word word word word word word word word
                    remedy: do this
                                sudo x
                                  y
                            and that
                three          reduced
                    without it: something
                    remedy: the same as above
                """);
    }

    @Test
    void flags_that_are_too_long_for_a_line_are_broken_between_flags() {
        String flags = "CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWCGROUP|CLONE_NEWNET";
        String report = new Report(List.of(Finding.ok("one", "clone3({flags=" + flags + "}) = -1 EPERM"))).toString();
        assertThat(report).isEqualTo("""
                one  ok       clone3({flags=CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWUTS|CLONE_NEWIPC|
                              CLONE_NEWCGROUP|CLONE_NEWNET}) = -1 EPERM
                """);
    }

    @Test
    void no_line_is_wider_than_100_columns_except_for_words_that_are() {
        Host host = PreparedHost.ofPlainUser().noNamespaces(Errno.EACCES)
                .file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
                .file("/proc/self/attr/apparmor/current", "unconfined\n")
                .host();
        assertThat(host.report().lines()).hasSizeGreaterThan(30).allMatch(line -> line.length() <= 100);
        assertThat(host.report()).contains("\n                profile java-containers /opt/jdk/bin/java flags=(unconfined) {\n");
    }
}
