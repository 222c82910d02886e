// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.List;
import java.util.Map;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// What a system runs, or what an image needs: `linux/arm64/v8`.
///
/// @param os the operating system, such as `linux`
/// @param architecture the processor, in Go's words, such as `amd64`
/// @param variant the kind of processor, such as `v7`
/// @param osVersion the version of the operating system; only Windows has one
/// @param osFeatures features of the operating system that are needed, such as `win32k`
/// @param more members that the specification doesn't have, or has reserved, as JSON
public record Platform(
        String os,
        String architecture,
        @Nullable String variant,
        @Nullable String osVersion,
        List<String> osFeatures,
        Map<String, String> more) {
    public Platform {
        osFeatures = List.copyOf(osFeatures);
        more = Ordered.copyOf(more);
    }

    /// A platform by its usual name: `of("linux", "x86_64")` is `linux/amd64`.
    public static Platform of(String os, String architecture) {
        return of(os, architecture, null);
    }

    /// A platform by its usual name: `of("linux", "aarch64", "v8")` is `linux/arm64`.
    public static Platform of(String os, String architecture, @Nullable String variant) {
        return new Platform(os, architecture, variant, null, List.of(), Map.of()).normalized();
    }

    /// Reads `linux/arm/v7`, or `linux/amd64`, or only `amd64`, which is one of Linux.
    ///
    /// @throws IllegalArgumentException if it is no platform
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        boolean good = parts.length <= 3;
        for (String part : parts) {
            good &= isWord(part);
        }
        if (!good) {
            throw new IllegalArgumentException("'" + JsonPlace.shown(text, 100) + "' is no platform such as linux/arm64/v8");
        }
        if (parts.length > 1) {
            return of(parts[0], parts[1], parts.length == 3 ? parts[2] : null);
        }
        Platform platform = of("linux", text);
        if (!PlatformNames.isArchitecture(platform.architecture)) {
            throw new IllegalArgumentException("'" + JsonPlace.shown(text, 100) + "' is no processor that is known; a"
                    + " platform is written as linux/amd64");
        }
        return platform;
    }

    private static boolean isWord(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "_.-".indexOf(c) >= 0)) {
                return false;
            }
        }
        return !part.isEmpty();
    }

    /// The same in the usual words: `x86_64` is `amd64`, `aarch64` and `arm64/v8` are `arm64`, `armhf` and `arm` are `arm/v7`.
    public Platform normalized() {
        String[] processor = PlatformNames.processor(architecture, variant == null ? "" : variant);
        return new Platform(
                PlatformNames.os(os), processor[0], processor[1].isEmpty() ? null : processor[1], osVersion, osFeatures, more);
    }

    /// How well an image for another platform runs here: 0 is best, greater numbers are older variants of the same processor,
    /// and -1 says that it doesn't run. Other processors' programs don't, even where the processor could run them: containers
    /// have no system calls of 32-bit programs.
    public int rank(Platform image) {
        Platform here = normalized();
        Platform there = image.normalized();
        boolean same = here.os.equals(there.os)
                && here.architecture.equals(there.architecture)
                && (here.osVersion == null || there.osVersion == null || here.osVersion.equals(there.osVersion))
                && osFeatures.containsAll(there.osFeatures);
        return same ? PlatformNames.rank(here.architecture, here.variant, there.variant) : -1;
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant) + (osVersion == null ? "" : " " + osVersion);
    }
}
