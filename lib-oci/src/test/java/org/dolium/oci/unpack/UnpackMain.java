// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.oci.image.Digest;

/// Unpacks a layer in a JVM of its own: media type, blob, digest of its content, directory.
public final class UnpackMain {
    private UnpackMain() {}

    public static void main(String[] args) throws Exception {
        byte[] blob = Files.readAllBytes(Path.of(args[1]));
        System.out.println("begins");
        LayerUnpack.create(Layers.blob(args[0], blob), Digest.parse(args[2]), LayerLimits.standard(), Path.of(args[3]), Layers.APPLIED);
        System.out.println("done");
    }
}
