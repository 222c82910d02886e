// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.change.ImageCommit;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What is on the disk when: a store must be whole also where the machine loses its power.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class PowerLossTest {
    @TempDir
    Path directory;

    @Test
    @Timeout(120)
    void content_is_on_the_disk_before_its_name_and_the_name_before_what_relies_on_it() throws Exception {
        Path place = directory.toRealPath().resolve("new/store");
        List<String> lines = trace(place);
        SyncTrace trace = new SyncTrace(place, lines);
        assertThat(trace.faults()).isEmpty();
        assertThat(trace.shown("blobs/sha256/[0-9a-f]{64}")).as("blobs").isEqualTo(5 + 3 + 3);
        assertThat(trace.shown("layers/sha256/[0-9a-f]{64}")).as("layers").isEqualTo(3);
        assertThat(trace.shown("index.json")).as("names").isEqualTo(1 + 3);
        assertThat(trace.changes()).as("changes before").isGreaterThan(30);
        for (Path above : List.of(place.getParent(), place.getParent().getParent())) { // the names of what was made
            assertThat(lines).as(above.toString()).anyMatch(line -> line.matches("\\d+ +fsync\\(\\d+<" + above + ">\\) += 0"));
        }
        for (String sync : List.of("fsync\\(\\d+<" + place + "/work/blob-", "fsync\\(\\d+<" + place + "/work/names-", "syncfs\\(",
                "fsync\\(\\d+<" + place + "/blobs/sha256>", "fsync\\(\\d+<" + place + "/layers/sha256>", "fsync\\(\\d+<" + place + ">")) {
            List<String> without = lines.stream().filter(line -> !line.matches("\\d+ +" + sync + ".*")).toList();
            assertThat(without).hasSizeLessThan(lines.size());
            assertThat(new SyncTrace(place, without).faults()).as("without " + sync).isNotEmpty();
        }
    }

    /// One pull, import and commit.
    private List<String> trace(Path place) throws Exception {
        Path trace = directory.resolve("trace");
        Process process = new ProcessBuilder(MustRun.program("strace"), "-f", "-y", "-qq", "--seccomp-bpf", "-s", "0", "-e",
                "trace=" + SyncTrace.CALLS, "-e", "signal=none", "-o", trace.toString(), Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), SyncMain.class.getName(), place.toString()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        process.getInputStream().close();
        return Files.readAllLines(trace, StandardCharsets.ISO_8859_1);
    }

    /// Brings images into a store in all ways.
    public static final class SyncMain {
        private SyncMain() {}

        public static void main(String[] args) throws Exception {
            Platform platform = Platform.parse("linux/amd64");
            Path place = Path.of(args[0]);
            PullTestImage image = new PullTestImage().layer("a", 300_000).layer("d/f", 1000) // whose directory is made in the last step
                    .layer(MediaTypes.OCI_LAYER, PullTestImage.archive("b", 300_000));
            Descriptor root = image.manifest();
            image.content.names.put("1", root);
            ImageReference name = ImageReference.parse("pulled:1");
            try (ImageStore store = ImageStore.open(place);
                    StoreSink sink = store.sink()) {
                try (ImagePull pull = ImagePull.from(image.content, store).as(name).platform(platform).build()) {
                    pull.run("1");
                }
                Path layout = place.resolveSibling("layout");
                PullTestImage other = new PullTestImage().layer("c", 200_000);
                try (ImageSink written = OciLayout.write(layout)) {
                    ImageCopy.copy(other.content, other.manifest(), written, List.of("2"));
                }
                store.importLayout(layout, "2", List.of(ImageReference.parse("imported:1")));
                ImageCommit.on(store, store.image(store.find(name).orElseThrow()).manifest(platform)).spool(place.getParent()).commit(
                        ImageCommit.archive(new ByteArrayInputStream(PullTestImage.archive("x", 1000))), sink, List.of("made:1"));
            }
        }
    }
}
