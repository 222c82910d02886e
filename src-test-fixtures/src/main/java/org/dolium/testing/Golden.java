// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.AssertionFailedError;

/// Compares a text with the file `src/test/resources/golden/NAME.txt` of the module under test, byte for byte.
///
/// `mvn test -pl lib-namespaces -am -Dgolden.rewrite=true` writes the files anew instead; then read `git diff`, which
/// shows what the change means, before you commit it.
public final class Golden {
    private Golden() {}

    public static void check(String name, String actual) throws IOException {
        Path file = Path.of(System.getProperty("basedir", ""), "src/test/resources/golden", name + ".txt");
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
            return;
        }
        String expected = Files.exists(file) ? Files.readString(file) : "";
        if (!expected.equals(actual)) {
            throw new AssertionFailedError(
                    file + " differs" + firstDifference(expected, actual)
                            + "\nif the change is meant, rewrite it with -Dgolden.rewrite=true and read the difference",
                    expected,
                    actual);
        }
    }

    private static String firstDifference(String expected, String actual) {
        String[] old = expected.split("\n", -1);
        String[] now = actual.split("\n", -1);
        int line = 0;
        while (line < old.length && line < now.length && old[line].equals(now[line])) {
            line++;
        }
        return " in line " + (line + 1)
                + "\n  expected: " + (line < old.length ? old[line] : "(end)")
                + "\n  actual:   " + (line < now.length ? now[line] : "(end)");
    }
}
