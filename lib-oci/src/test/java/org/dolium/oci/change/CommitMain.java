// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.dolium.oci.unpack.Owners;

/// Commits an upper directory in a JVM of its own: store, upper directory, the image's new name.
public final class CommitMain {
    private CommitMain() {}

    public static void main(String[] args) throws Exception {
        try (ImageStore store = ImageStore.open(Path.of(args[0]));
                StoreSink sink = store.sink()) {
            var below = store.image(store.find(ImageReference.parse("base:1")).orElseThrow()).manifest(Platform.parse("amd64"));
            System.out.println("begins");
            ImageCommit.on(store, below).spool(Path.of(args[0])).commit(
                    ImageCommit.changes(Path.of(args[1]), PackPolicy.of(PackPolicy.Kind.OVERLAY, new Owners.Kept())), sink, List.of(args[2]));
            System.out.println("done");
        }
    }
}
