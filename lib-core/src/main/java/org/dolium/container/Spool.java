// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.launch.PipeInput;
import org.dolium.linux.Sys;

/// A file at whose end the kernel puts what a pipe brings; see splice(2). No byte of it passes through the JVM, and the container has
/// no descriptor of the file.
final class Spool implements AutoCloseable {
    private static final int O_WRONLY_CREAT = 0x41;
    private static final int SEEK_END = 2;

    private final Fd file;

    Spool(Path path) throws IOException {
        file = Fd.open(path.toAbsolutePath().toString(), O_WRONLY_CREAT, 0666);
        try { // O_APPEND would do, but splice(2) refuses it
            Kernel.check(Kernel.call(Sys.LSEEK, file.number(), 0, SEEK_END), "lseek(" + path + ", 0, SEEK_END)");
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// Takes what is there now.
    ///
    /// @return how much, 0 if there is nothing yet, -1 at the end
    int take(PipeInput pipe) throws IOException {
        return pipe.trySplice(file);
    }

    @Override
    public void close() {
        file.close();
    }
}
