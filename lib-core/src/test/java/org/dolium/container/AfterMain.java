// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.dolium.testing.QuickJvm;

/// What tests of ends have executed after them: does what is wished, and notes that in a file, a line each time.
public final class AfterMain {
    private AfterMain() {}

    /// @param arguments the root file system, the file, and the script of the container
    public static void main(String[] arguments) throws Exception {
        try {
            AfterEnd.handle(System.getenv(), container -> builder(Path.of(arguments[0]), arguments[2]));
            note(arguments[1], "done");
        } catch (IOException e) {
            note(arguments[1], "failed: " + e.getMessage());
            System.err.println("failed: " + e.getMessage());
        }
    }

    private static ContainerBuilder builder(Path root, String script) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException("the image is gone");
        }
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script);
    }

    private static void note(String file, String line) throws IOException {
        Files.writeString(Path.of(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    static AfterEnd after(Path root, Path file, String script) {
        List<String> command = new ArrayList<>(QuickJvm.command());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), AfterMain.class.getName(), root.toString(), file.toString(), script));
        return AfterEnd.execute(command);
    }
}
