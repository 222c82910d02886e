// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.container.Result;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.RealImages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Python and GCC of images that umoci and buildah have made, in containers.
@Tag("kernel")
@Timeout(600)
@ExtendWith(LeakCheck.class)
class PeerImageRunTest {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    @TempDir
    Path directory;

    private ImageStore store;

    @BeforeEach
    void open() throws Exception {
        store = ImageStore.open(directory.resolve("store"));
    }

    @AfterEach
    void remove() throws Exception {
        store.close();
        LayerUnpack.remove(directory.resolve("store"));
    }

    private Image image(String layout) throws Exception {
        Path path = RealImages.directory().resolve(layout);
        ImageReference name = ImageReference.parse("example.com/real/" + layout + ":full");
        Descriptor root = store.importLayout(path, "full", List.of(name));
        Manifest manifest = (Manifest) Contents.document(store, root);
        return new Image(name, root, manifest, store.config(manifest), Configs.HERE, store.unpack(manifest, LayerLimits.standard()));
    }

    private static String output(Result result) {
        assertThat(result.status().shellCode()).as(result.stdout() + result.stderr()).isZero();
        return result.stdout();
    }

    @Test
    void python_and_gcc_run() throws Exception {
        try (Image image = image("umoci")) {
            assertThat(output(image.newContainer()
                            .command("python3", "-c", "import json, os, zlib; print(json.dumps([os.getcwd(), os.environ['LANG'], os.getuid()]))")
                            .run(LIMIT)))
                    .isEqualTo("[\"/srv\", \"C.UTF-8\", 0]\n");
            assertThat(output(image.newContainer()
                            .command("sh", "-ec", """
                                    printf '#include <stdio.h>\\nint main() { return puts("compiled") < 0; }\\n' > /tmp/a.c
                                    gcc -O2 -o /tmp/a /tmp/a.c
                                    rm -r /usr/share/perl5
                                    /tmp/a
                                    """)
                            .run(LIMIT)))
                    .isEqualTo("compiled\n");
            assertThat(output(image.newContainer().command("sh", "-c", "test ! -e /tmp/a && ls -d /usr/share/perl5 /usr/share/doc; cat sparse | wc -c")
                            .run(LIMIT)))
                    .isEqualTo("/usr/share/perl5\n8388608\n");
        }
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return List.of();
        }
        RealImages.directory();
        return PlainUser.run(PeerImageRunTest.class);
    }

    @Test
    void what_buildah_says_about_running_is_done() throws Exception {
        boolean root = ProcessStatus.self().effectiveUid() == 0; // who has one id can't be user 1500
        try (Image image = image("buildah")) {
            String program = "import os; print(os.getuid(), os.getcwd(), os.environ['GREETING'], os.path.ismount('/data') or os.path.isdir('/data'))";
            Result result = root
                    ? image.newContainer().command("-c", program).run(LIMIT)
                    : image.newContainer().user("0").command("-c", program).run(LIMIT);
            assertThat(output(result)).isEqualTo((root ? "1500" : "0") + " /home/somebody hello world True\n");
            if (root) {
                assertThat(output(image.newContainer().run(LIMIT))).isEqualTo("from buildah\n");
            }
        }
    }
}
