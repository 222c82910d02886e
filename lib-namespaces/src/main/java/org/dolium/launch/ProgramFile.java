// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import org.dolium.linux.ErrnoException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;

/// A sealed, anonymous, executable file that holds one compiled plan; see memfd_create(2).
final class ProgramFile {
    private static final String CREATE = "memfd_create(\"dolium\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC)";
    private static final long MFD_CLOEXEC_SEALING = 3;
    private static final long MFD_EXEC = 0x10;
    private static final long F_ADD_SEALS = 1033;
    private static final long SEAL_SHRINK_GROW_WRITE = 15;
    private static final Memory NAME = Memory.copy(
            Arena.global(), Arg.terminated("dolium".getBytes(StandardCharsets.US_ASCII)));

    private ProgramFile() {}

    static Fd create(Memory image) throws IOException {
        long number = memfd();
        if (number == -Errno.EACCES.value()) {
            return UnnamedFile.create(image, new ErrnoException(CREATE, Errno.EACCES));
        }
        Fd fd = new Fd((int) Kernel.check(number, CREATE));
        try {
            write(fd, image);
            Kernel.check(
                    Kernel.call(Sys.FCNTL, fd.number(), F_ADD_SEALS, SEAL_SHRINK_GROW_WRITE),
                    "fcntl(F_ADD_SEALS, F_SEAL_SEAL|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_WRITE)");
            return fd;
        } catch (ErrnoException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static long memfd() {
        long fd = Kernel.call(Sys.MEMFD_CREATE, NAME.address(), MFD_CLOEXEC_SEALING | MFD_EXEC, 0);
        if (fd == -Errno.EINVAL.value()) { // kernels before 6.3 have no MFD_EXEC: every memfd is executable
            fd = Kernel.call(Sys.MEMFD_CREATE, NAME.address(), MFD_CLOEXEC_SEALING, 0);
        }
        return fd;
    }

    static void write(Fd fd, Memory image) throws ErrnoException {
        long done = 0;
        while (done < image.size()) {
            done += Kernel.check(
                    Kernel.call(Sys.WRITE, fd.number(), image.address() + done, image.size() - done),
                    "write(memfd, launcher, " + (image.size() - done) + ")");
        }
    }
}
