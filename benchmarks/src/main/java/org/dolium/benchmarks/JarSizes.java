// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What an application gets with the dependency `dolium-core`.
final class JarSizes {
    private static final double BYTES_PER_KB = 1000;
    private static final double TARGET = 800;

    private JarSizes() {}

    static void print(Table table) throws IOException {
        table.heading("Jars that an application gets");
        table.header("", "KB", "target", "met");
        double sum = 0;
        for (String entry : NewJvm.CLASS_PATH.split(File.pathSeparator)) {
            Path jar = Path.of(entry);
            if (!jar.getFileName().toString().startsWith("dolium-benchmarks")) {
                double size = Files.size(jar) / BYTES_PER_KB;
                sum += size;
                table.row(jar.getFileName().toString(), Table.number(size), "", "");
            }
        }
        table.row("all", Table.number(sum), "≤ " + Table.number(TARGET), Table.met(sum <= TARGET));
    }
}
