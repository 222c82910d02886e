// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.dolium.elf.ElfImage;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arch;
import org.dolium.linux.Sys;
import org.dolium.plan.LaunchPlan;
import org.jspecify.annotations.Nullable;

/// A plan compiled for this machine, for any number of launches.
///
/// Its executable file is made at the first launch and kept: it is sealed, so no launch can change it for another. It is
/// closed by [#close], or when nothing refers to the program any more.
public final class Program implements AutoCloseable {
    private static final int GET_SEALS = 1034;
    private static final int SEAL_WRITE = 8;

    private final LaunchPlan plan;
    private final byte[] image;
    private final Arena lifetime = Arena.ofAuto();
    private @Nullable Fd file;

    private Program(LaunchPlan plan, byte[] image) {
        this.plan = plan;
        this.image = image;
    }

    public static Program compile(LaunchPlan plan) {
        return compile(plan, Kernel.ARCH);
    }

    /// Compiles for a given processor; a program for another one than this machine's can't be launched.
    public static Program compile(LaunchPlan plan, Arch arch) {
        return new Program(plan, ElfImage.compile(plan, arch));
    }

    public LaunchPlan plan() {
        return plan;
    }

    synchronized Fd file() throws IOException {
        if (file == null || !file.isOpen()) {
            try (Arena arena = Arena.ofConfined()) {
                Memory memory = Memory.copy(arena, image);
                file = ProgramFile.create(memory).closedWith(lifetime);
            }
        }
        return file;
    }

    /// Whether nobody can change its file, not even who has seen a process that runs it. Where the host forbids executable memory files
    /// (`vm.memfd_noexec=2`) it is a file without a name, which its owner can write to while nobody runs it.
    public synchronized boolean isSealed() {
        long seals = file == null || !file.isOpen() ? 0 : Kernel.call(Sys.FCNTL, file.number(), GET_SEALS, 0);
        return seals > 0 && (seals & SEAL_WRITE) != 0;
    }

    /// Frees the file; another launch makes a new one.
    @Override
    public synchronized void close() {
        if (file != null) {
            file.close();
        }
    }
}
