// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Run by [SubordinateIdsTest] where there is no newuidmap(1).
@ExtendWith(LeakCheck.class)
class MissingHelperCases {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private ContainerBuilder tiny() throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command("id", "-u");
    }

    @Test
    void the_missing_program_is_named_with_its_package() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> tiny().userNamespace(UserNamespace.subordinate()).run(LIMIT))
                .withMessageStartingWith("newuidmap was not found; install the package 'uidmap'");
    }

    @Test
    void a_single_id_needs_no_program() throws Exception {
        assertThat(tiny().run(LIMIT).stdout()).isEqualTo("0\n");
    }
}
