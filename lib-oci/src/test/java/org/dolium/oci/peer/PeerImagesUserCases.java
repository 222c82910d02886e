// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.RealImages;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A plain user's tree of a real image is that of `umoci --rootless`, but for devices: umoci makes files of them, and we nothing. Where one
/// of uid and gid is 0, umoci records 2^32 - 1 for it, which says that it is whoever it is, and we record 0: both mean the root of
/// the container.
@Tag("kernel")
class PeerImagesUserCases {
    @TempDir
    Path directory;

    @Test
    void trees_are_those_of_umoci() throws Exception {
        Path layout = RealImages.directory().resolve("umoci");
        Map<String, String> theirs = RealUnpack.umoci(layout, "replaced", directory.resolve("theirs"), "--rootless");
        LayerPolicy policy = LayerPolicy.of(Removals.APPLIED, new Owners.Squashed());
        try (ImageSource source = OciLayout.read(layout)) {
            Manifest manifest = RealUnpack.manifest(source, source.resolve("full"), "amd64");
            Map<String, String> ours = RealUnpack.tree(source, manifest, policy, directory.resolve("ours"), layout);
            assertThat(ours).doesNotContainKeys(PeerImagesTest.DEVICES.toArray(new String[0]));
            theirs.keySet().removeAll(PeerImagesTest.DEVICES);
            assertThat(theirs.get("srv/owned")).contains("user.rootlesscontainers");
            theirs.replaceAll((path, line) -> line.replace("08ffffffff0f", "").replace("10ffffffff0f", ""));
            Trees.assertSame(ours, theirs);
        }
    }
}
