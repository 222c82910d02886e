// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The image that is unpacked, which is made once and kept outside of the tree, and what it takes to measure programs.
final class UnpackingImage {
    private static final Path CACHE = Path.of("/var/cache/dolium-benchmarks/image");
    private static final double TICKS = 100; // of a second, on every Linux that the JDK runs on
    private static final int FIRST = 11;
    private static final int LAST = 14;

    private UnpackingImage() {}

    /// The layout, in the page cache.
    static Path layout() throws IOException, InterruptedException {
        Path layout = CACHE.resolve("layout");
        if (!Files.exists(layout)) {
            System.err.println("benchmarks: making the image to unpack, which takes some minutes: " + CACHE);
            Files.createDirectories(CACHE.getParent());
            Path script = Path.of(System.getProperty("dolium.limit")).resolve("../../src/main/sh/image.sh").normalize();
            command("/bin/sh", List.of(script.toString(), CACHE.toString()));
        }
        try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                read(blob);
            }
        }
        return layout;
    }

    /// The same layout as a tar archive, in the page cache.
    static Path archive() throws IOException, InterruptedException {
        Path archive = CACHE.resolve("layout.tar");
        if (!Files.exists(archive)) {
            Path made = CACHE.resolve("layout.tar.new");
            command("/bin/tar", List.of("-C", layout().toString(), "-cf", made.toString(), "oci-layout", "index.json", "blobs"));
            Files.move(made, archive);
        }
        read(archive);
        return archive;
    }

    private static void read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /// What it is, for a heading.
    static String text(Path layout) throws IOException {
        long bytes = 0;
        int layers = 0;
        try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                try (InputStream in = Files.newInputStream(blob)) {
                    layers += in.read() == 0x1f ? 1 : 0;
                }
                bytes += Files.size(blob);
            }
        }
        return String.format(Locale.ROOT, "%d layers, %d MB compressed", layers, bytes / 1_000_000);
    }

    /// Runs a program to its end.
    static void command(String program, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(program + ": " + output.lines().reduce((first, last) -> last).orElse("exit status " + process.exitValue()));
        }
    }

    /// What this process and those that it has waited for have used of the processors.
    static double cpuSeconds() throws IOException {
        return cpuSeconds("self");
    }

    static double cpuSeconds(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int i = FIRST; i <= LAST; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks / TICKS;
    }
}
