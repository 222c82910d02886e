// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Test;

class HelperIdMapsTest {
    /// Pids end at 4194304.
    private static final long NOBODY = 99_999_999;
    private static final IdMaps MAPS = IdMaps.parse("0:1000:1,1:100000:65536");

    @Test
    void what_the_helper_said_and_what_to_do_are_in_the_message() {
        MustRun.program("newuidmap");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new HelperIdMaps(MAPS, MAPS).write(NOBODY))
                .withMessageStartingWith("newuidmap failed with exit code 1: newuidmap: ")
                .withMessageContaining("install the package 'uidmap'")
                .withMessageContaining("usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ");
    }

    @Test
    void a_map_that_is_written_directly_fails_with_the_file_that_is_missing() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> new DirectIdMaps(MAPS, MAPS, false).write(NOBODY))
                .withMessage("openat(AT_FDCWD, \"/proc/99999999/uid_map\", 01) = -1 ENOENT")
                .matches(failure -> failure.errno().equals(Errno.ENOENT));
    }

    /// The kernel wants it before the gid map of an unprivileged writer (CVE-2014-8989).
    @Test
    void O_02_setgroups_is_denied_before_any_map_is_written() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> new DirectIdMaps(MAPS, MAPS, true).write(NOBODY))
                .withMessageContaining("/proc/99999999/setgroups");
    }
}
