// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Runs test classes a second time in a JVM of an unprivileged user: a real uid without any privilege, by setpriv(1).
///
/// ```java
/// @TestFactory
/// List<DynamicTest> as_a_plain_user() throws Exception {
///     return PlainUser.run(LaunchTest.class);
/// }
/// ```
public final class PlainUser {
    /// An id that no account has.
    public static final int UID = 12345;

    private static final long LIMIT_MINUTES = 10;

    private PlainUser() {}

    /// What a plain user's JVM is started through.
    interface Surroundings {
        /// The command that prepares them and then runs the command that follows it.
        ///
        /// @param directory where its files may lie; it is removed afterwards
        List<String> prefix(Path directory) throws IOException;
    }

    /// Runs the tests of the classes and gives their results, one by one.
    public static List<DynamicTest> run(Class<?>... classes) throws IOException, InterruptedException {
        return run(directory -> List.of(), classes);
    }

    static List<DynamicTest> run(Surroundings surroundings, Class<?>... classes)
            throws IOException, InterruptedException {
        MustRun.root();
        Path directory = Files.createTempDirectory("plain-user-");
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            Path results = directory.resolve("results");
            List<String> command = new ArrayList<>(surroundings.prefix(directory));
            command.addAll(command(directory, results, classes));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .directory(directory.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
            return tests(results, Files.readString(directory.resolve("output")));
        } finally {
            delete(directory);
        }
    }

    private static List<String> command(Path directory, Path results, Class<?>... classes) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                MustRun.program("setpriv"), "--reuid", "" + UID, "--regid", "" + UID, "--clear-groups",
                "--inh-caps=-all", "env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + directory,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny",
                "-Ddolium.mustRun=" + System.getProperty("dolium.mustRun", "false"),
                "-Djava.io.tmpdir=" + Files.createDirectory(directory.resolve("tmp")),
                "-Dproject.root=" + System.getProperty("project.root", ""),
                "-cp", readableClassPath(directory), PlainUserMain.class.getName(), results.toString()));
        Files.setPosixFilePermissions(directory.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        for (Class<?> type : classes) {
            command.add(type.getName());
        }
        return command;
    }

    /// The class path may lie in root's home, where nobody else can read it.
    private static String readableClassPath(Path directory) throws IOException {
        List<String> copies = new ArrayList<>();
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path source = Path.of(entry);
            if (Files.isReadable(source)) {
                Path copy = directory.resolve("cp" + number++ + (Files.isDirectory(source) ? "" : ".jar"));
                copy(source, copy);
                copies.add(copy.toString());
            }
        }
        return String.join(File.pathSeparator, copies);
    }

    static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
                } else {
                    Files.copy(file, source.equals(file) ? target : copy, StandardCopyOption.REPLACE_EXISTING);
                    Files.setPosixFilePermissions(
                            source.equals(file) ? target : copy, PosixFilePermissions.fromString("rw-r--r--"));
                }
            }
        }
    }

    private static List<DynamicTest> tests(Path results, String output) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        if (!Files.exists(results)) {
            throw new AssertionError("the plain user's JVM gave no results:\n" + output);
        }
        List<String> lines = Files.readString(results, StandardCharsets.UTF_8).lines().toList();
        for (String line : lines) {
            String[] fields = line.split("\t", 3);
            if (fields.length == 3) {
                tests.add(DynamicTest.dynamicTest(fields[1] + " as uid " + UID, () -> verdict(fields, output)));
            }
        }
        if (tests.isEmpty() || !lines.get(lines.size() - 1).equals("done")) {
            throw new AssertionError("the plain user's JVM did not finish:\n" + output);
        }
        return tests;
    }

    private static void verdict(String[] fields, String output) {
        if (fields[0].equals("ABORTED") || fields[0].equals("SKIPPED")) {
            MustRun.require(false, fields[2]);
        } else if (!fields[0].equals("SUCCESSFUL")) {
            throw new AssertionError(fields[2].replace('\f', '\n') + "\noutput of the whole run:\n" + output);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
