// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arch;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Platform;

/// Configurations of images as their makers write them, and containers of them.
final class Configs {
    static final Platform HERE = Platform.of("linux", Kernel.ARCH == Arch.X86_64 ? "amd64" : "arm64");

    private Configs() {}

    /// @param run the members of `config` as JSON, with apostrophes for quotation marks
    static ImageConfig of(String run) {
        return of(HERE, run);
    }

    static ImageConfig of(Platform platform, String run) {
        String json = "{'os':'" + platform.os() + "','architecture':'" + platform.architecture() + "','config':{" + run
                + "},'rootfs':{'type':'layers','diff_ids':[]}}";
        return ImageConfig.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    static ContainerBuilder container(String run, Path... layers) throws Exception {
        Rootfs.Overlay rootfs = Rootfs.overlay(layers);
        return ImageContainer.builder(of(run), HERE, rootfs, rootfs.users());
    }
}
