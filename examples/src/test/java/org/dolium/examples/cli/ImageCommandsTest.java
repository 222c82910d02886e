// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerLease;
import org.dolium.oci.store.StoredImage;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The commands about images, on a store of their own.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ImageCommandsTest {
    @TempDir
    Path directory;

    private Path store;

    @BeforeEach
    void make() throws Exception {
        Path root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        store = directory.resolve("store");
        run(MustRun.program("tar"), "-C", root.toString(), "--owner=0", "--group=0", "-cf", directory.resolve("root.tar").toString(), ".");
        ok("import", "-c", "CMD [\"sh\"]", "-c", "ENV A=b", "-m", "base", directory.resolve("root.tar").toString(), "tiny:1");
    }

    @AfterEach
    void remove() throws IOException {
        try (var left = Files.list(directory)) {
            for (Path path : left.toList()) {
                LayerUnpack.remove(path);
            }
        }
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private CommandLineRun dolium(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        int at = arguments[0].equals("image") ? 2 : 1;
        if (!arguments[0].equals("diff")) {
            line.addAll(at, List.of("--store", store.toString()));
        }
        return CommandLineRun.here(line.toArray(new String[0]));
    }

    private String ok(String... arguments) {
        CommandLineRun run = dolium(arguments);
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run.out();
    }

    private String error(String... arguments) {
        CommandLineRun run = dolium(arguments);
        assertThat(run.status()).isEqualTo(125);
        return run.err();
    }

    private String id(String name) {
        return ok("image", "inspect", "-f", "{{.Id}}", name).strip();
    }

    @Test
    void an_image_is_inspected_as_docker_does() throws Exception {
        assertThat(ok("image", "inspect", "-f", "{{.Os}} {{json .Config.Cmd}} {{.Config.Env}} {{len .RootFS.Layers}} {{index .RepoTags 0}}", "tiny:1"))
                .isEqualTo("linux [\"sh\"] [A=b] 1 tiny:1\n");
        assertThat(ok("image", "inspect", "tiny:1")).startsWith("[\n    {\n        \"Id\": \"sha256:").contains("\"Comment\": \"base\"");
        assertThat(ok("image", "inspect", "-f", "{{.Id}}", id("tiny:1").substring(7, 19)).strip()).isEqualTo(id("tiny:1"));
        for (String wrong : List.of("{{range .A}}x{{end}}", "{{.Id | json}}", "{{.Nothing}}", "{{.Id")) {
            assertThat(error("image", "inspect", "-f", wrong, "tiny:1")).contains("template '");
        }
        assertThat(error("image", "inspect", "none")).isEqualTo("dolium: no such image: none\n");
    }

    @Test
    void names_come_and_go() throws Exception {
        String id = id("tiny:1");
        ok("tag", "tiny:1", "example.com/other");
        assertThat(error("rmi", id.substring(7, 19))).contains("must be forced");
        assertThat(ok("rmi", "tiny:1")).isEqualTo("Untagged: tiny:1\n");
        assertThat(id("example.com/other")).isEqualTo(id);
        assertThat(ok("rmi", "example.com/other:latest")).isEqualTo("Untagged: example.com/other:latest\nDeleted: " + id + "\n");
        assertThat(error("rmi", id)).contains("no such image");
        try (var blobs = Files.walk(store.resolve("blobs"))) {
            assertThat(blobs.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void what_a_detached_container_was_made_of_stays() throws Exception {
        String id = id("tiny:1");
        String state = directory.resolve("state").toString();
        String container = ok("create", "--state", state, "--name", "kept", "tiny:1", "true").strip();
        assertThat(error("rmi", "--state", state, "tiny:1")).isEqualTo("dolium: conflict: unable to remove repository reference \"tiny:1\""
                + " - container " + container.substring(0, 12) + " is using its referenced image " + id.substring(7, 19) + "\n");
        ok("import", "-m", "second", directory.resolve("root.tar").toString(), "tiny:1");
        assertThat(ok("prune", "--state", state)).isEqualTo("Total reclaimed space: 0B\n");
        assertThat(CommandLineRun.here("ps", "--state", state, "-a", "--filter", "ancestor=tiny:1", "--format", "{{.Image}} {{.Names}} {{.Status}}"))
                .isEqualTo(new CommandLineRun(0, "tiny:1 kept Created\n", ""));
        assertThat(CommandLineRun.here("start", "--state", state, "kept")).isEqualTo(new CommandLineRun(0, "kept\n", "")); // of the old one
        assertThat(CommandLineRun.here("wait", "--state", state, "kept")).isEqualTo(new CommandLineRun(0, "0\n", ""));
        assertThat(CommandLineRun.here("rm", "--state", state, "kept").out()).isEqualTo("kept\n");
        assertThat(ok("prune", "--state", state)).startsWith("Deleted Images:\ndeleted: " + id + "\n");
    }

    @Test
    void what_lost_its_name_is_pruned() throws Exception {
        String id = id("tiny:1");
        ok("import", "-m", "second", directory.resolve("root.tar").toString(), "tiny:1");
        assertThat(ok("prune")).startsWith("Deleted Images:\ndeleted: " + id + "\n\nTotal reclaimed space: ");
        assertThat(ok("prune")).isEqualTo("Total reclaimed space: 0B\n");
    }

    @Test
    void history_is_a_table_with_the_last_step_first() {
        List<String> lines = ok("history", "tiny:1").lines().toList();
        assertThat(lines.get(0)).startsWith("IMAGE          CREATED").endsWith("COMMENT");
        assertThat(lines.get(1)).startsWith(id("tiny:1").substring(7, 19) + "   ").contains(" ago ").endsWith("MB   base");
        assertThat(ok("history", "-q", "--no-trunc", "tiny:1").strip()).isEqualTo(id("tiny:1"));
    }

    @Test
    void what_is_saved_is_loaded_elsewhere_and_read_by_skopeo() throws Exception {
        String id = id("tiny:1");
        ok("tag", "tiny:1", "example.com/other:2");
        for (String format : List.of("docker-archive", "oci-archive")) {
            Path archive = directory.resolve(format);
            ok("save", "--format", format, "-o", archive.toString(), "tiny:1", "example.com/other:2");
            store = directory.resolve("store-" + format);
            assertThat(ok("load", "-i", archive.toString())).isEqualTo("Loaded image: tiny:1\nLoaded image: example.com/other:2\n");
            assertThat(id("example.com/other:2")).isEqualTo(id);
            store = directory.resolve("store");
        }
        assertThat(run(MustRun.program("skopeo"), "inspect", "--config", "docker-archive:" + directory.resolve("docker-archive") + ":tiny:1"))
                .contains("\"A=b\"");
        ok("save", "-o", directory.resolve("unnamed").toString(), id.substring(7, 19));
        store = directory.resolve("unnamed-store");
        assertThat(ok("load", "-i", directory.resolve("unnamed").toString())).isEqualTo("Loaded image ID: " + id + "\n");
    }

    private ProcessBuilder forked(Path temporary, String... arguments) {
        ProcessBuilder builder = CommandLineRun.forked(arguments);
        builder.command().add(builder.command().indexOf("-cp"), "-Djava.io.tmpdir=" + temporary);
        return builder;
    }

    @Test
    void what_goes_to_standard_output_is_kept_nowhere_else_and_known_to_be_there() throws Exception {
        Path none = directory.resolve("none");
        ok("save", "-o", directory.resolve("saved").toString(), "tiny:1");
        Path out = directory.resolve("out");
        Process saved = forked(none, "save", "--store", store.toString(), "tiny:1").redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        assertThat(saved.waitFor()).isZero();
        assertThat(out).hasSameBinaryContentAs(directory.resolve("saved"));
        for (List<String> command : List.of(List.of("save"), List.of("export", "--image"))) {
            List<String> line = new ArrayList<>(command);
            line.addAll(1, List.of("--store", store.toString()));
            line.add("tiny:1");
            Process full = forked(directory, line.toArray(new String[0])).redirectOutput(Path.of("/dev/full").toFile()).start();
            assertThat(new String(full.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("dolium: ").contains("No space left");
            assertThat(full.waitFor()).isEqualTo(125);
        }
    }

    @Test
    void what_comes_from_standard_input_leaves_nothing_when_it_is_killed() throws Exception {
        ok("save", "-o", directory.resolve("saved").toString(), "tiny:1");
        byte[] archive = Files.readAllBytes(directory.resolve("saved"));
        Path spool = Files.createDirectory(directory.resolve("spool"));
        Process load = forked(spool, "load", "--store", directory.resolve("other").toString()).start();
        load.getOutputStream().write(archive, 0, archive.length / 2);
        load.getOutputStream().flush();
        while (!isOpenIn(load.pid(), spool)) {
            assertThat(load.isAlive()).isTrue();
            Thread.sleep(10);
        }
        assertThat(spool).isEmptyDirectory();
        load.destroyForcibly().waitFor();
        assertThat(spool).isEmptyDirectory();
        Process again = forked(spool, "load", "--store", directory.resolve("other").toString())
                .redirectInput(directory.resolve("saved").toFile()).start();
        assertThat(new String(again.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("Loaded image: tiny:1\n");
        assertThat(spool).isEmptyDirectory();
    }

    /// Whether a process has a file in a directory, which has no name.
    private static boolean isOpenIn(long pid, Path place) throws IOException {
        try (var files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file) && Files.readSymbolicLink(file).startsWith(place.toRealPath())) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void an_image_is_exported_as_gnu_tar_wrote_it() throws Exception {
        Path archive = directory.resolve("exported.tar");
        ok("export", "--image", "-o", archive.toString(), "tiny:1");
        String[] list = {MustRun.program("tar"), "--numeric-owner", "-tf"};
        assertThat(run(list[0], list[1], list[2], archive.toString()).lines().sorted().map(name -> name.replaceFirst("^\\./", "")))
                .isEqualTo(run(list[0], list[1], list[2], directory.resolve("root.tar").toString()).lines().sorted()
                        .map(name -> name.replaceFirst("^\\./", "")).toList());
    }

    @Test
    void a_running_container_is_shown_kept_and_taken_out() throws Exception {
        Path uppers = Files.createDirectory(directory.resolve("uppers"));
        try (ImageStore images = ImageStore.open(store)) {
            StoredImage image = images.images().get(0);
            try (LayerLease layers = images.unpack(image.manifest(LocalImage.platform()), LayerLimits.standard());
                    Container container = ContainerBuilder.create()
                            .rootfs(Rootfs.overlay(layers.directories().toArray(new Path[0])).upperOnDisk(uppers))
                            .command("sh", "-c", "echo made > /made; rm /bin/yes; echo ready; exec sleep 60").start()) {
                assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
                String pid = Long.toString(container.pid());
                assertThat(ok("diff", pid).lines().filter(line -> line.contains("made") || line.contains("bin")))
                        .containsExactly("C /bin", "D /bin/yes", "A /made");
                String id = ok("commit", "--pause=false", "-a", "me", "-m", "more", "-c", "CMD [\"cat\",\"/made\"]", pid, "tiny:2").strip();
                assertThat(id("tiny:2")).isEqualTo(id);
                assertThat(ok("image", "inspect", "-f", "{{.Author}} {{.Comment}} {{len .RootFS.Layers}} {{json .Config.Cmd}}", "tiny:2"))
                        .isEqualTo("me more 2 [\"cat\",\"/made\"]\n");
                Path archive = directory.resolve("exported.tar");
                ok("export", "-o", archive.toString(), pid);
                assertThat(run(MustRun.program("tar"), "-xOf", archive.toString(), "made")).isEqualTo("made\n");
                assertThat(run(MustRun.program("tar"), "-tf", archive.toString()).lines()).contains("bin/busybox").doesNotContain("bin/yes");
            }
        }
        assertThat(error("diff", Long.toString(ProcessHandle.current().pid()))).contains("is in no directory of its own on this disk");
    }

    /// What a user types in two terminals: the container is another JVM's, and found by its name.
    @Test
    @Tag("root")
    void what_a_named_container_changes_is_shown_kept_and_run() throws Exception {
        MustRun.root();
        Path uppers = Files.createDirectory(directory.resolve("uppers"));
        String name = "chain-" + ProcessHandle.current().pid();
        Process container = CommandLineRun.forked("run", "--store", store.toString(), "--upper", uppers.toString(), "--name", name,
                "tiny:1", "sh", "-c", "trap 'exit 7' TERM; echo made > /made; rm /bin/yes; echo ready; while :; do sleep 0.1; done")
                .redirectErrorStream(true).start();
        try {
            assertThat(container.inputReader().readLine()).isEqualTo("ready");
            assertThat(ok("diff", name).lines().filter(line -> line.contains("made") || line.contains("bin")))
                    .containsExactly("C /bin", "D /bin/yes", "A /made");
            assertThat(ok("commit", "-c", "CMD cat /made; ls /bin/yes", name, "chain:1").strip()).isEqualTo(id("chain:1"));
            assertThat(container.isAlive()).isTrue();
        } finally {
            container.destroy();
            assertThat(container.waitFor()).as("what the command made of the signal").isEqualTo(7);
        }
        try (var left = Files.list(uppers)) {
            assertThat(left).isEmpty();
        }
        Process again = CommandLineRun.forked("run", "--store", store.toString(), "chain:1").redirectErrorStream(true).start();
        assertThat(new String(again.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("made\nls: /bin/yes: No such file or directory\n");
        assertThat(again.waitFor()).isEqualTo(1);
    }

    @Test
    @Tag("root")
    void a_container_stands_still_while_it_is_committed() throws Exception {
        MustRun.root();
        Path uppers = Files.createDirectory(directory.resolve("uppers"));
        try (ImageStore images = ImageStore.open(store)) {
            StoredImage image = images.images().get(0);
            try (LayerLease layers = images.unpack(image.manifest(LocalImage.platform()), LayerLimits.standard());
                    Container container = ContainerBuilder.create()
                            .rootfs(Rootfs.overlay(layers.directories().toArray(new Path[0])).upperOnDisk(uppers))
                            .command("sh", "-c", "i=0; while :; do i=$((i+1)); echo $i > /a; echo $i > /b; done").start()) {
                for (int i = 0; i < 5; i++) {
                    ok("commit", Long.toString(container.pid()), "tiny:loop");
                    assertThat(container.isAlive()).isTrue();
                }
                long pid = container.pid();
                try (Frozen _ = Frozen.of(pid)) {
                    String before = Files.readString(container.layers().orElseThrow().upper().resolve("a"));
                    Thread.sleep(100);
                    assertThat(Files.readString(container.layers().orElseThrow().upper().resolve("a"))).isEqualTo(before);
                }
            }
        }
    }

    @Test
    void the_environment_can_say_a_time() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ProcessBuilder builder = CommandLineRun.forked("import", "--store", store.toString(), directory.resolve("root.tar").toString(), "tiny:t");
            builder.environment().put("SOURCE_DATE_EPOCH", "1600000000");
            Process process = builder.redirectErrorStream(true).start();
            ids.add(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            assertThat(process.waitFor()).isZero();
        }
        assertThat(ids.get(0)).startsWith("sha256:").isEqualTo(ids.get(1));
        assertThat(ok("image", "inspect", "-f", "{{.Created}}", "tiny:t")).isEqualTo("2020-09-13T12:26:40Z\n");
    }
}
