// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Flags whose numbers depend on the architecture do on each what they should.
class OpenFlagsTest {
    private static final Errno NONE = new Errno(0);

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void what_is_no_directory_is_not_opened_as_one(Arch arch) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(open(file, OpenFlags.directory(arch), arch)).isEqualTo(Errno.ENOTDIR);
        assertThat(open(directory, OpenFlags.directory(arch), arch)).isEqualTo(NONE);
    }

    @ParameterizedTest
    @EnumSource
    void a_symbolic_link_is_not_followed(Arch arch) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThat(open(link, OpenFlags.noFollow(arch), arch)).isEqualTo(Errno.ELOOP);
        assertThat(open(link, 0, arch)).isEqualTo(NONE);
        assertThat(open(file, OpenFlags.noFollow(arch), arch)).isEqualTo(NONE);
    }

    private static Errno open(Path path, int flags, Arch arch) throws IOException {
        PlanBuilder plan = new PlanBuilder();
        plan.add(Sys.OPENAT, Arg.AT_FDCWD, Arg.str(path.toString()), Arg.num(flags));
        byte[] report = Tools.run(ElfImage.compile(plan.build(1), arch), arch).output();
        return report.length == 0 ? NONE : new Errno(ByteBuffer.wrap(report).order(ByteOrder.LITTLE_ENDIAN).getInt(4));
    }
}
