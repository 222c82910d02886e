// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dolium.oci.change.ImageCommit;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerLease;
import org.dolium.oci.store.StoreSink;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Pulls and commits that find no room.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class FullDiskTest {
    private static final int SIZE = 6_000_000;

    @TempDir
    Path directory;

    @Test
    @Timeout(120)
    void a_pull_or_commit_without_room_says_so_leaves_nothing_and_succeeds_when_there_is_room() throws Exception {
        MustRun.root();
        Path mount = Files.createDirectory(directory.toRealPath().resolve("mount"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Process process = new ProcessBuilder(MustRun.program("unshare"), "--mount", "sh", "-ec",
                "mount -t tmpfs -o size=32m none \"$0\"; exec \"$@\"", mount.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), FullMain.class.getName(),
                mount.toString(), other.toString()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        process.getInputStream().close();
        String store = mount + "/store";
        String full = "ENOSPC";
        assertThat(output.lines().toList()).satisfiesExactly(
                line -> assertThat(line).matches("pull without room for a blob: " // or for its tree, which is written meanwhile
                        + "(pwrite64\\(\"" + store + "/work/blob-.*|layer sha256:[0-9a-f]{64}, \"large\": .*) = -1 " + full),
                line -> assertThat(line).isEqualTo("then: images [], work [], large layer false"),
                line -> assertThat(line).startsWith("pull without room for a tree: layer sha256:").contains(full),
                line -> assertThat(line).isEqualTo("then: images [], work [], large layer false"),
                line -> assertThat(line).isEqualTo("pull with room: no failure"),
                line -> assertThat(line).isEqualTo("then: images [pulled:1], work [], large layer true"),
                line -> assertThat(line).startsWith("commit without room for its spool: ").endsWith("can't be kept in '" + mount + "' while it is made: No space left on device"),
                line -> assertThat(line).isEqualTo("then: images [pulled:1], work [], large layer true"),
                line -> assertThat(line).startsWith("commit without room in the store: ").contains(full, store),
                line -> assertThat(line).isEqualTo("then: images [pulled:1], work [], large layer true"),
                line -> assertThat(line).isEqualTo("commit with room: no failure"),
                line -> assertThat(line).isEqualTo("then: images [made:1, pulled:1], work [], large layer true"));
        try (Stream<Path> left = Files.list(other)) {
            assertThat(left).isEmpty();
        }
    }

    /// Pulls and commits in a small file system: its directory, and one that has room.
    public static final class FullMain {
        private static final Platform PLATFORM = Platform.parse("linux/amd64");

        private final Path mount;
        private final ImageStore store;
        private final PullTestImage image = new PullTestImage().layer("small", 1000).layer("large", SIZE);

        private FullMain(Path mount, ImageStore store) {
            this.mount = mount;
            this.store = store;
            image.content.names.put("1", image.manifest());
        }

        public static void main(String[] args) throws Throwable {
            Path mount = Path.of(args[0]);
            try (ImageStore store = ImageStore.open(mount.resolve("store"))) {
                FullMain main = new FullMain(mount, store);
                main.run(Path.of(args[1]));
            }
        }

        private void run(Path elsewhere) throws Throwable {
            leave(SIZE / 2);
            tell("pull without room for a blob", this::pull);
            leave(SIZE + SIZE / 2);
            tell("pull without room for a tree", this::pull);
            leave(3L * SIZE);
            tell("pull with room", this::pull);
            try (LayerLease lease = store.layers(image.diffIds)) {
                if (!Arrays.equals(Files.readAllBytes(lease.directories().get(0).resolve("large")), PullTestImage.content("large", SIZE))) {
                    throw new AssertionError("the layer has something else");
                }
            }
            leave(SIZE / 2);
            tell("commit without room for its spool", () -> commit(mount));
            tell("commit without room in the store", () -> commit(elsewhere));
            leave(2L * SIZE + SIZE / 2);
            tell("commit with room", () -> commit(mount));
        }

        /// Fills the file system but for so many bytes.
        private void leave(long bytes) throws IOException {
            Path filling = mount.resolve("filling");
            Files.write(filling, new byte[0]);
            long room = Files.getFileStore(mount).getUsableSpace() - bytes;
            byte[] part = new byte[4096];
            try (OutputStream out = Files.newOutputStream(filling)) {
                for (long at = 0; at < room; at += part.length) {
                    out.write(part);
                }
            }
        }

        private void pull() throws IOException {
            ImageReference name = ImageReference.parse("pulled:1");
            try (ImagePull pull = ImagePull.from(image.content, store).as(name).platform(PLATFORM).parallelism(1).build()) {
                pull.run("1");
            }
        }

        private void commit(Path spool) throws IOException {
            try (StoreSink sink = store.sink()) {
                ImageCommit.on(store, store.image(store.find(ImageReference.parse("pulled:1")).orElseThrow()).manifest(PLATFORM)).spool(spool)
                        .commit(ImageCommit.archive(new ByteArrayInputStream(PullTestImage.archive("more", SIZE))), sink, List.of("made:1"));
            }
        }

        private void tell(String what, ThrowingCallable call) throws Throwable {
            try {
                call.call();
                System.out.println(what + ": no failure");
            } catch (IOException e) {
                System.out.println(what + ": " + e.getMessage().replace('\n', ' '));
            }
            List<String> names = new ArrayList<>();
            store.images().forEach(one -> one.names().forEach(name -> names.add(name.familiar())));
            try (Stream<Path> work = Files.list(store.directory().resolve("work"))) {
                List<String> left = work.map(path -> path.getFileName().toString()).toList();
                Digest large = ChainId.all(image.diffIds).getLast();
                System.out.println("then: images " + names.stream().sorted().toList() + ", work " + left + ", large layer " + store.hasLayer(large));
            }
        }
    }
}
