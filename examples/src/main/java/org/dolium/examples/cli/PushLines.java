// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.registry.Repository;

/// A repository that says, in Docker's words, what becomes of each layer that is written to it.
final class PushLines implements ImageSink {
    private static final int SHORT = 12;

    private final Repository to;
    private final PrintWriter out;

    PushLines(Repository to, PrintWriter out) {
        this.to = to;
        this.out = out;
    }

    @Override
    public boolean has(Descriptor content) throws IOException {
        boolean there = to.has(content);
        if (there) {
            line(content, to.mountedFrom(content.digest()).map(from -> "Mounted from " + from).orElse("Layer already exists"));
        }
        return there;
    }

    @Override
    public void put(VerifiedStream content) throws IOException {
        to.put(content);
        line(content.descriptor(), "Pushed");
    }

    @Override
    public int parallelism() {
        return to.parallelism();
    }

    private void line(Descriptor content, String text) {
        if (!MediaTypes.isDocument(content.mediaType()) && !MediaTypes.isConfig(content.mediaType())) {
            out.println(content.digest().hex().substring(0, SHORT) + ": " + text);
            out.flush();
        }
    }

    @Override
    public void publish(Descriptor root, List<String> names) throws IOException {
        to.publish(root, names);
    }

    @Override
    public void finish() {
        to.finish();
    }

    @Override
    public void close() {
        to.close();
    }
}
