// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Standard output for archives. That of the JDK tells nobody that a disk is full, or that nobody reads any more.
final class StandardOutput {
    private static final int BUFFER = 1 << 17;

    private StandardOutput() {}

    /// Writes an archive.
    interface Writing {
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    static void write(Writing writing) throws IOException, InterruptedException {
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER);
        writing.write(out);
        out.flush();
    }
}
