// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A command and its arguments, checked.
///
/// @param words the first one is the command
public record Command(List<String> words) {
    public Command {
        words = List.copyOf(words);
        if (words.isEmpty() || words.get(0).isEmpty()) {
            throw new IllegalArgumentException("no command was given");
        }
        for (String word : words) {
            if (word.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("argument '" + word.replace('\0', '?') + "' contains a NUL");
            }
        }
    }

    List<byte[]> bytes() {
        List<byte[]> bytes = new ArrayList<>(words.size());
        for (int i = 0; i < words.size(); i++) {
            bytes.add(words.get(i).getBytes(StandardCharsets.UTF_8));
        }
        return bytes;
    }
}
