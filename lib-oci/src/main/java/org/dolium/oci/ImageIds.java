// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.io.IOException;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoredImage;
import org.jspecify.annotations.Nullable;

/// Finds images by the beginning of a digest, as Docker does where no name says it.
final class ImageIds {
    private static final int FEWEST = 12;
    private static final int MOST = 64;
    private static final String SHA256 = "sha256:";

    private ImageIds() {}

    /// Whether it is a digest and can't be a name.
    static boolean isWhole(String text) {
        return digits(text).length() == MOST && areDigits(digits(text));
    }

    private static String digits(String text) {
        return text.startsWith(SHA256) ? text.substring(SHA256.length()) : text;
    }

    /// @throws IllegalArgumentException if more than one image begins so
    static @Nullable StoredImage find(ImageStore store, String text, Platform platform) throws IOException {
        String digits = digits(text);
        if (!areDigits(digits)) {
            return null;
        }
        StoredImage found = null;
        for (StoredImage image : store.images()) {
            if (is(image, SHA256 + digits, platform)) {
                if (found != null && !found.root().digest().equals(image.root().digest())) {
                    throw new IllegalArgumentException("more than one image begins with '" + text + "'");
                }
                found = image;
            }
        }
        return found;
    }

    private static boolean areDigits(String text) {
        boolean digits = text.length() >= FEWEST && text.length() <= MOST;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            digits &= c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
        }
        return digits;
    }

    private static boolean is(StoredImage image, String begin, Platform platform) throws IOException {
        if (image.root().digest().toString().startsWith(begin)) {
            return true;
        }
        try {
            return image.manifest(platform).config().digest().toString().startsWith(begin);
        } catch (IOException e) {
            return false; // it has no image for this platform
        }
    }
}
