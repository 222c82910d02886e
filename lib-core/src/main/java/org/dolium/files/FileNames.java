// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.dolium.linux.Quoting;

/// Names of files, which are bytes to Linux, as strings and back, whatever the JVM's locale is. They are UTF-8; a byte that is not is a
/// lone surrogate from U+DC80 to U+DCFF, so that every name can be given back.
final class FileNames {
    private static final int ESCAPE = 0xdc00;

    private FileNames() {}

    static String decode(byte[] name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(name);
        CharBuffer out = CharBuffer.allocate(name.length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE | in.get() & 0xff));
            }
        }
    }

    /// @throws IllegalArgumentException if there is a NUL in it
    static byte[] encode(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("path '" + Quoting.printable(name) + "' has a NUL in it");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(name.length() + 8);
        int start = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean escaped = c >= 0xdc80 && c <= 0xdcff && (i == 0 || !Character.isHighSurrogate(name.charAt(i - 1)));
            if (escaped) {
                out.writeBytes(name.substring(start, i).getBytes(StandardCharsets.UTF_8));
                out.write(c & 0xff);
                start = i + 1;
            }
        }
        out.writeBytes(name.substring(start).getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }
}
