// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.oci.image.Digest;

/// Which images detached containers were made of: these must stay, though no JVM holds their layers.
final class ImageUse {
    private final Map<String, String> users = new HashMap<>();

    private ImageUse() {}

    static ImageUse of(StateOptions state) throws IOException {
        ImageUse use = new ImageUse();
        Containers containers = state.tryOpen();
        if (containers != null) {
            for (DetachedContainer one : containers.list()) {
                try {
                    use.users.putIfAbsent(StoredRun.of(one).imageId(), one.shortId());
                } catch (IOException e) {
                    Found.throwUnlessGone(containers, one, e);
                }
            }
        }
        return use;
    }

    boolean isUsed(Digest id) {
        return users.containsKey(id.toString());
    }

    /// @throws IOException as Docker says it, if a container was made of it
    void checkFree(String called, Digest id) throws IOException {
        String user = users.get(id.toString());
        if (user != null) {
            throw new IOException("conflict: unable to remove repository reference \"" + called + "\" - container " + user
                    + " is using its referenced image " + id.hex().substring(0, 12));
        }
    }
}
