// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.json.JsonPlace;

/// Which image of an index is taken for a platform.
///
/// Attestations, which build tools add for `unknown/unknown`, and artifacts are never taken. An image without a platform is taken
/// if it is the only one.
final class PlatformSelection {
    private static final int SHOWN = 20;

    private PlatformSelection() {}

    static Descriptor select(Index index, Platform platform) {
        List<Descriptor> images = images(index);
        if (images.size() == 1 && images.get(0).platform() == null) {
            return images.get(0);
        }
        int best = -1;
        Descriptor selected = null;
        for (Descriptor image : images) {
            int rank = image.platform() == null ? -1 : platform.rank(image.platform());
            if (rank >= 0 && (selected == null || rank < best)) {
                best = rank;
                selected = image;
            }
        }
        if (selected == null) {
            throw new IllegalArgumentException("there is no image for " + platform + "; there " + list(images));
        }
        return selected;
    }

    private static List<Descriptor> images(Index index) {
        List<Descriptor> images = new ArrayList<>();
        for (Descriptor entry : index.manifests()) {
            Platform platform = entry.platform();
            boolean unknown = platform != null && platform.os().equals("unknown");
            boolean attestation =
                    "attestation-manifest".equals(entry.annotations().get("vnd.docker.reference.type"));
            if (MediaTypes.isDocument(entry.mediaType()) && entry.artifactType() == null && !unknown && !attestation) {
                images.add(entry);
            }
        }
        return images;
    }

    private static String list(List<Descriptor> images) {
        if (images.isEmpty()) {
            return "are no images at all";
        }
        StringBuilder list = new StringBuilder("are images for ");
        for (int i = 0; i < images.size() && i < SHOWN; i++) {
            Platform platform = images.get(i).platform();
            list.append(i == 0 ? "" : ", ")
                    .append(platform == null ? "no platform" : JsonPlace.shown(platform.toString(), 60));
        }
        return images.size() > SHOWN ? list + " and " + (images.size() - SHOWN) + " more" : list.toString();
    }
}
