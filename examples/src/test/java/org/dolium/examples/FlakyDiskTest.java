// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.dolium.container.Result;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class FlakyDiskTest {
    @Test
    void each_tenth_record_is_lost_and_the_journal_knows_which() throws Exception {
        Result result = FlakyDisk.journal();
        List<String> expected = IntStream.rangeClosed(1, 30)
                .mapToObj(record -> record + (record % 10 == 0 ? " lost" : " stored")).toList();
        assertThat(result.stdout().lines()).as(result.stderr()).containsExactlyElementsOf(expected);
    }

    @Test
    void it_is_seen_which_files_are_written() throws Exception {
        assertThat(FlakyDisk.openedForWriting()).contains("/tmp/x", "/tmp/y").doesNotContain("/etc/ld.so.cache");
    }

    @Test
    void the_program_prints_what_is_lost() throws Exception {
        assertThat(Printed.by(FlakyDisk::main).lines().toList()).startsWith("10 lost", "20 lost", "30 lost").hasSize(4);
    }
}
