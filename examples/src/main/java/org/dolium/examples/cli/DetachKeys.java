// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Keys that are pressed one after the other to leave a container alone, as `ctrl-p,ctrl-q`.
final class DetachKeys {
    static final String STANDARD = "ctrl-p,ctrl-q";

    private static final String CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

    private final byte[] keys;
    private int pressed;

    private DetachKeys(byte[] keys) {
        this.keys = keys;
    }

    /// Keys as Docker takes them: single characters, or `ctrl-` and one of `a` to `z`, `@`, `[`, `\`, `]`, `^`, `_`, with commas
    /// between them. Nothing: there are none.
    ///
    /// @throws IllegalArgumentException if it is something else
    static DetachKeys parse(String text) {
        if (text.isEmpty()) {
            return new DetachKeys(new byte[0]);
        }
        String[] words = text.split(",", -1);
        byte[] keys = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            keys[i] = key(words[i], text);
        }
        return new DetachKeys(keys);
    }

    private static byte key(String word, String text) {
        if (word.length() == 1 && word.charAt(0) < 0x80) {
            return (byte) word.charAt(0);
        }
        String name = word.startsWith("ctrl-") ? word.substring(5) : "";
        int control = name.length() == 1 ? CONTROL.indexOf(name) : -1;
        if (control < 0) {
            throw new IllegalArgumentException("--detach-keys '" + text + "' is not as in ctrl-p,ctrl-q: '" + word
                    + "' is neither a character nor ctrl- and one of a-z @ [ \\ ] ^ _");
        }
        return (byte) control;
    }

    /// Takes note of what was typed, and passes on what is none of the keys. What may be the beginning of them waits for the next key: a
    /// shell that got it would do something about it.
    ///
    /// @return how many of these bytes there are up to the one that completes the keys, or -1 if none does
    int typed(byte[] bytes, int length, ByteArrayOutputStream passed) {
        for (int i = 0; i < length; i++) {
            if (keys.length > 0 && bytes[i] == keys[pressed]) {
                pressed++;
            } else {
                passed.write(keys, 0, pressed);
                pressed = keys.length > 0 && bytes[i] == keys[0] ? 1 : 0;
                if (pressed == 0) {
                    passed.write(bytes[i]);
                }
            }
            if (keys.length > 0 && pressed == keys.length) {
                pressed = 0;
                return i + 1;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return Arrays.toString(keys);
    }
}
