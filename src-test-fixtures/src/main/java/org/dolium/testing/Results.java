// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DynamicTest;

/// What [ResultsMain] wrote in another JVM, as tests of this one.
final class Results {
    private Results() {}

    /// A test for each line.
    ///
    /// @param output everything that the other JVM printed
    /// @param where is added to each test's name
    /// @param mustRun whether a test that was skipped there is a failure here, whatever this machine lacks
    static List<DynamicTest> of(Path results, String output, String where, boolean mustRun) throws IOException {
        if (!Files.exists(results)) {
            throw new AssertionError("the JVM " + where + " gave no results:\n" + output);
        }
        List<DynamicTest> tests = new ArrayList<>();
        AtomicReference<String> shown = new AtomicReference<>(output); // with the first failure only
        List<String> lines = Files.readString(results, StandardCharsets.UTF_8).lines().toList();
        for (String line : lines) {
            String[] fields = line.split("\t", 3);
            if (fields.length == 3) {
                tests.add(DynamicTest.dynamicTest(fields[1] + " " + where, () -> verdict(fields, shown, mustRun)));
            }
        }
        if (tests.isEmpty() || !lines.get(lines.size() - 1).equals("done")) {
            throw new AssertionError("the JVM " + where + " did not finish:\n" + String.join("\n", lines) + "\n" + output);
        }
        return tests;
    }

    private static void verdict(String[] fields, AtomicReference<String> output, boolean mustRun) {
        boolean skipped = fields[0].equals("ABORTED") || fields[0].equals("SKIPPED");
        if (skipped && !mustRun) {
            MustRun.require(false, fields[2]);
        } else if (!fields[0].equals("SUCCESSFUL")) {
            String text = output.getAndSet("");
            throw new AssertionError(fields[1] + " " + fields[0] + ": " + fields[2].replace('\f', '\n')
                    + (text.isEmpty() ? "" : "\noutput of the whole run:\n" + text));
        }
    }
}
