// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// Prints Markdown.
record Table(PrintStream out) {
    static Table toStandardOutput() {
        return new Table(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
    }

    void heading(String text) {
        out.println();
        out.println("### " + text);
        out.println();
    }

    void header(String... cells) {
        row(cells);
        out.println("|" + " --- |".repeat(cells.length));
    }

    void row(String... cells) {
        out.println("| " + String.join(" | ", List.of(cells)) + " |");
        out.flush();
    }

    void note(String text) {
        out.println();
        out.println(text);
        out.flush();
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1000) {
            return Long.toString((long) value);
        }
        String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    static String met(boolean met) {
        return met ? "yes" : "**no**";
    }
}
