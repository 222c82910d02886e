// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import java.nio.charset.StandardCharsets;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;

/// A file of a cgroup that stays open and is read again and again with one pread(2) each, without making objects. Not for
/// several threads at once.
public final class KeptFile implements AutoCloseable {
    private final Fd fd;
    private final Memory buffer;
    private int length;

    /// @param fd owned by this from now on
    /// @param buffer for the beginning of the text; several files may share one, if each is read and then looked at
    public KeptFile(Fd fd, Memory buffer) {
        this.fd = fd;
        this.buffer = buffer;
    }

    /// A word as [#field] and [#begins] want it.
    public static byte[] word(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    public Fd fd() {
        return fd;
    }

    /// Reads the file.
    ///
    /// @return false if the cgroup is gone
    public boolean read() {
        long n = Kernel.call(Sys.PREAD64, fd.number(), buffer.address(), buffer.size(), 0);
        length = Kernel.failed(n) ? 0 : (int) n;
        return length > 0;
    }

    /// The number that the text begins with, or -1 if it begins with none.
    public long number() {
        return number(0);
    }

    /// The number of the line `name number`, or -1 if there is none.
    public long field(byte[] name) {
        int at = 0;
        while (at < length) {
            if (isName(at, name)) {
                return number(at + name.length + 1);
            }
            while (at < length && buffer.getByte(at) != '\n') {
                at++;
            }
            at++;
        }
        return -1;
    }

    /// Whether the text begins with a word.
    public boolean begins(byte[] word) {
        return isAt(0, word);
    }

    private boolean isName(int at, byte[] name) {
        return isAt(at, name) && at + name.length < length && buffer.getByte(at + name.length) == ' ';
    }

    private boolean isAt(int at, byte[] word) {
        if (at + word.length > length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (buffer.getByte(at + i) != word[i]) {
                return false;
            }
        }
        return true;
    }

    private long number(int start) {
        long value = 0;
        for (int at = start; at < length; at++) {
            int digit = buffer.getByte(at) - '0';
            if (digit < 0 || digit > 9) {
                return at == start ? -1 : value;
            }
            value = 10 * value + digit;
        }
        return start >= length ? -1 : value;
    }

    @Override
    public void close() {
        fd.close();
    }
}
