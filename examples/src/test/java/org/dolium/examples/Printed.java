// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What an example prints.
final class Printed {
    /// An example's main method.
    interface Program {
        void main(String[] args) throws Exception;
    }

    private Printed() {}

    static String by(Program program, String... arguments) throws Exception {
        PrintStream own = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            program.main(arguments);
        } finally {
            System.setOut(own);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
