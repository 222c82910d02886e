// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The beginning of the command of a JVM that starts fast and is soon over.
public final class QuickJvm {
    /// In the test machine the first two turn 10 s into 1: moving the class archive to a random address touches all its pages,
    /// which costs an emulator with two processors more than anything else.
    static final List<String> OPTIONS = List.of(
            "-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED");

    private QuickJvm() {}

    /// The `java` of this JVM with those options; a class path and a class are to follow.
    public static List<String> command() {
        return command(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    }

    static List<String> command(String java) {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(OPTIONS);
        return command;
    }
}
