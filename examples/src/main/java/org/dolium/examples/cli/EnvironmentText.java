// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/// Reads environment variables as Docker writes them.
final class EnvironmentText {
    private EnvironmentText() {}

    /// `NAME=VALUE`, or `NAME` for the value that `dolium` itself was given; a name that is unset there stays unset.
    static void variable(String text, BiConsumer<String, String> setter) {
        int equals = text.indexOf('=');
        if (equals == 0 || text.isEmpty()) {
            throw new IllegalArgumentException("environment variable '" + text + "' has no name");
        }
        if (equals > 0) {
            setter.accept(text.substring(0, equals), text.substring(equals + 1));
        } else if (System.getenv(text) != null) {
            setter.accept(text, System.getenv(text));
        }
    }

    /// An `--env-file`: a variable on each line, blank lines, and lines that begin with `#`. Values are taken as they
    /// are: quotes and a `#` are part of them.
    static void file(Path file, BiConsumer<String, String> setter) throws IOException {
        String[] lines = content(file).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i];
            line = withoutIndent(line);
            if (!line.isEmpty() && !line.startsWith("#")) {
                checkName(line, file + ", line " + (i + 1));
                variable(line, setter);
            }
        }
    }

    private static String content(Path file) throws IOException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("environment file '" + file + "' is not in UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new IOException("environment file '" + file + "' is missing", e);
        }
    }

    private static String withoutIndent(String line) {
        int start = 0;
        while (start < line.length() && isBlank(line.charAt(start))) {
            start++;
        }
        return line.substring(start);
    }

    private static void checkName(String line, String where) {
        int equals = line.indexOf('=');
        String name = equals < 0 ? line : line.substring(0, equals);
        if (name.isEmpty() || name.chars().anyMatch(EnvironmentText::isBlank)) {
            throw new IllegalArgumentException(where + ": '" + name + "' is no name of an environment variable");
        }
    }

    private static boolean isBlank(int c) {
        return c == ' ' || c == '\t';
    }
}
