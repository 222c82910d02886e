// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.testing.Canary;
import org.dolium.testing.Kills;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers that are unpacked in JVMs of their own, which are killed, traced, out of space, or lack a library.
@Tag("kernel")
class UnpackProcessTest {
    private static final int KILLS = 10; // see StoreKillTest for whole images

    @TempDir
    Path directory;

    private byte[] archive;

    @BeforeEach
    void make() throws IOException {
        LayerText layer = new LayerText();
        for (int i = 0; i < 300; i++) {
            layer.directory("d" + i, 0555).file("d" + i + "/f", "content " + i).link("d" + i + "/l", "f");
        }
        archive = layer.file("large", "x".repeat(4 << 20)).bytes();
        Files.write(directory.resolve("blob"), Layers.gzip(archive));
    }

    private List<String> command(Path blob, String type, String classPath, Path target, String... before) {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=deny",
                "-Djava.io.tmpdir=" + directory, "-cp", classPath, UnpackMain.class.getName(), type, blob.toString(),
                Digest.of(archive).toString(), target.toString()));
        return command;
    }

    private Process start(Path target, String... before) throws IOException {
        return new ProcessBuilder(command(directory.resolve("blob"), MediaTypes.OCI_LAYER_GZIP,
                System.getProperty("java.class.path"), target, before)).redirectErrorStream(true).start();
    }

    private static String output(Process process) throws Exception {
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> names = Files.list(directory)) {
            return names.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void U_18_a_tree_has_its_name_only_when_it_is_whole_wherever_its_jvm_is_killed() throws Exception {
        Path store = Files.createDirectory(directory.resolve("store"));
        output(start(store.resolve("whole")));
        var whole = contents(store.resolve("whole"));
        Kills.of("unpack a layer", KILLS, number -> start(store.resolve("tree" + number)), number -> {
            Path tree = store.resolve("tree" + number);
            if (Files.exists(tree)) {
                assertThat(contents(tree)).isEqualTo(whole);
                LayerUnpack.remove(tree);
            }
            boolean half = false;
            for (String left : names(store)) {
                if (left.startsWith(LayerUnpack.STAGING)) {
                    half = true;
                    LayerUnpack.remove(store.resolve(left));
                }
            }
            assertThat(names(store)).containsExactly("whole");
            return half;
        });
    }

    private static List<String> contents(Path tree) throws IOException {
        return Canary.manifest(tree).entrySet().stream()
                .map(one -> one.getKey() + " " + one.getValue().replaceAll("(ctime|ino)=[^,}]*|(?<!M)lastModifiedTime=2[^,}]*", ""))
                .collect(Collectors.toList());
    }

    @Test
    void U_18_a_full_disk_is_said_and_leaves_nothing() throws Exception {
        MustRun.root();
        Path mount = Files.createDirectory(directory.resolve("mount"));
        Process process = start(mount.resolve("tree"), MustRun.program("unshare"), "--mount", "sh", "-ec",
                "mount -t tmpfs -o size=2m none \"$0\"; r=0; \"$@\" || r=$?; ls -A \"$0\"; exit $r", mount.toString());
        String output = output(process);
        assertThat(process.exitValue()).as(output).isEqualTo(1);
        assertThat(output).contains("UnpackException: layer sha256:").contains("\"large\": pwrite64(").contains("ENOSPC");
        assertThat(output).doesNotContain(LayerUnpack.STAGING).doesNotContain("\ntree\n");
    }

    @Test
    void U_20_nothing_is_executed() throws Exception {
        Path trace = directory.resolve("trace");
        for (String program : List.of("gzip", "zstd")) {
            Path plain = Files.write(directory.resolve("plain"), archive);
            Path blob = directory.resolve(program);
            new ProcessBuilder(MustRun.program(program), "-c", plain.toString()).redirectOutput(blob.toFile()).start().waitFor();
            Path target = directory.resolve("tree-" + program);
            String output = output(new ProcessBuilder(command(blob, MediaTypes.OCI_LAYER + "+" + program,
                    System.getProperty("java.class.path"), target, MustRun.program("strace"), "-f", "-qq", "-e", "trace=execve,execveat",
                    "-o", trace.toString())).redirectErrorStream(true).start());
            assertThat(output).contains("done");
            assertThat(Files.readAllLines(trace).stream().filter(line -> line.contains("exec")).toList()).hasSize(1);
            LayerUnpack.remove(target);
        }
    }

    @Test
    void without_the_library_for_zstd_it_is_said_what_to_add() throws Exception {
        String without = Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .split(File.pathSeparator)).filter(path -> !path.contains("zstd-jni")).collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(command(directory.resolve("blob"), MediaTypes.OCI_LAYER_ZSTD, without,
                directory.resolve("tree"))).redirectErrorStream(true).start();
        assertThat(output(process)).contains("compressed with zstd").contains("com.github.luben:zstd-jni must be on the class path");
        assertThat(names(directory)).containsExactly("blob");
    }
}
