// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.dolium.oci.store.ImageStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command finds images.
final class StoreOptions {
    @Option(names = "--store", paramLabel = "DIR", description = "Where the images are (default: this user's own)")
    private @Nullable Path store;

    ImageStore open() throws IOException {
        return ImageStore.open(store == null ? ImageStore.defaultDirectory() : store);
    }
}
