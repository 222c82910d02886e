// SPDX-License-Identifier: Apache-2.0
package org.dolium.rootfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Racer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class TreeDeletionTest {
    @TempDir
    private Path directory;

    @Test
    void what_a_command_can_leave_is_deleted() throws Exception {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("file"), "");
        Path deep = tree;
        for (int i = 0; i < 100; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        String script = "mkfifo fifo; ln -s ../outside link; printf x > $(printf 'a\\\\nb'); printf x > $(printf '\\\\377\\\\376');"
                + " mkdir closed; touch closed/file; chmod 0 closed; mkdir -p nothing/at/all; chmod 555 nothing/at";
        assertThat(new ProcessBuilder("sh", "-c", script).directory(tree.toFile()).inheritIO().start().waitFor()).isZero();
        TreeDeletion.delete(tree);
        assertThat(tree).doesNotExist();
        assertThat(outside.resolve("file")).exists();
        TreeDeletion.delete(tree);
    }

    @Test
    void a_link_is_deleted_and_not_what_it_leads_to() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), outside);
        TreeDeletion.delete(link);
        assertThat(link).doesNotExist();
        assertThat(outside).isDirectory();
    }

    @Test
    void U_22_a_directory_that_becomes_a_link_while_it_is_deleted_leads_nowhere() throws Exception {
        assertThat(race()).isFalse();
    }

    @Test
    void U_22_without_the_control_somebody_elses_directory_is_emptied() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("file"), "");
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        new ProcessBuilder("find", "-L", tree.toString(), "-delete").start().waitFor(); // it fails at the link itself
        assertThat(outside).isEmptyDirectory();
    }

    /// Deletes trees while a directory in them is exchanged for a link. Whether something outside of them went, or has other permissions.
    private boolean race() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxr-x--x"));
        Path file = Files.writeString(outside.resolve("file"), "");
        Path tree = directory.resolve("tree");
        Path swapped = tree.resolve("swapped");
        Path link = directory.resolve("link");
        long start = System.nanoTime();
        long flips = 0;
        while (Racer.goesOn(start, 1, flips > 0)) {
            Files.createDirectory(tree);
            Files.createDirectory(swapped);
            Files.createSymbolicLink(link, outside);
            try (Racer racer = Racer.of(swapped, link)) {
                while (racer.flips() == 0) {
                    Thread.onSpinWait(); // it has begun
                }
                TreeDeletion.delete(tree);
                flips += racer.flips();
            } catch (IOException e) {
                // exchanged at that moment
            }
            if (Files.notExists(file) || !PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)).equals("rwxr-x--x")) {
                return true;
            }
            TreeDeletion.delete(tree);
            TreeDeletion.delete(link);
        }
        assertThat(flips).isPositive();
        return false;
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return ProcessStatus.self().effectiveUid() == 0 ? PlainUser.run(TreeDeletionTest.class) : List.of();
    }
}
