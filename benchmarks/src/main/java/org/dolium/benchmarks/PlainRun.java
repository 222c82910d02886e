// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// Runs a part of the benchmarks once more, as a user without any privilege, by setpriv(1). The jars and the referee are
/// copied: the tree may lie where only root can read.
final class PlainRun {
    private static final String ID = "12345";

    private PlainRun() {}

    static void run(Workspace workspace, Options options) throws IOException, InterruptedException {
        Path copies = Files.createDirectory(workspace.directory().resolve("plain"));
        List<String> command = new ArrayList<>(List.of(
                "setpriv", "--reuid", ID, "--regid", ID, "--clear-groups", "--inh-caps=-all",
                "--pdeathsig", "TERM", "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NewJvm.JAVA, NewJvm.NATIVE_ACCESS,
                "-Ddolium.limit=" + copy(Path.of(System.getProperty("dolium.limit")), copies, "rwxr-xr-x"),
                "-cp", classPath(copies), Benchmarks.class.getName(), "--only", "start", "--patience",
                Long.toString(options.patience().toSeconds())));
        if (options.quick()) {
            command.add("--quick");
        }
        int status = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("the benchmarks as a plain user ended with " + status);
        }
    }

    private static String classPath(Path copies) throws IOException {
        List<String> paths = new ArrayList<>();
        for (String jar : NewJvm.CLASS_PATH.split(File.pathSeparator)) {
            paths.add(copy(Path.of(jar), copies, "rw-r--r--").toString());
        }
        return String.join(File.pathSeparator, paths);
    }

    private static Path copy(Path file, Path directory, String permissions) throws IOException {
        Path copy = directory.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        return Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString(permissions));
    }
}
