// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Command lines for further JVMs like this one.
final class NewJvm {
    static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
    static final String CLASS_PATH = System.getProperty("java.class.path");

    private NewJvm() {}

    static List<String> command(List<String> options, Class<?> main, String... args) {
        List<String> command = new ArrayList<>(List.of(JAVA, NATIVE_ACCESS));
        command.addAll(options);
        command.addAll(List.of("-cp", CLASS_PATH, main.getName()));
        command.addAll(List.of(args));
        return command;
    }

    static List<String> options(List<String> options, String more) {
        List<String> all = new ArrayList<>(options);
        all.add(more);
        return all;
    }
}
