// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The usual words for systems and processors, and which variants of a processor run the programs of which.
final class PlatformNames {
    private static final List<String> ARCHITECTURES = List.of(
            "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
            "s390x");

    private PlatformNames() {}

    static boolean isArchitecture(String name) {
        return ARCHITECTURES.contains(name);
    }

    static String os(String name) {
        String os = name.toLowerCase(Locale.ROOT);
        return os.equals("macos") ? "darwin" : os;
    }

    /// Processor and variant.
    static String[] processor(String name, String kind) {
        String variant = kind.toLowerCase(Locale.ROOT);
        String architecture = name.toLowerCase(Locale.ROOT);
        return switch (architecture) {
            case "i386", "i486", "i586", "i686", "x86" -> new String[] {"386", ""};
            case "x86_64", "x86-64", "amd64" -> new String[] {"amd64", variant.equals("v1") ? "" : variant};
            case "aarch64", "arm64" -> new String[] {"arm64", arm64(variant)};
            case "armhf" -> new String[] {"arm", "v7"};
            case "armel" -> new String[] {"arm", "v6"};
            case "arm" -> new String[] {"arm", arm(variant)};
            default -> new String[] {architecture, variant};
        };
    }

    private static String arm64(String variant) {
        return switch (variant) {
            case "8", "v8", "v8.0" -> "";
            case "9", "9.0", "v9.0" -> "v9";
            default -> variant;
        };
    }

    private static String arm(String variant) {
        return switch (variant) {
            case "" -> "v7";
            case "5", "6", "7", "8" -> "v" + variant;
            default -> variant;
        };
    }

    /// How much older a variant is than the one here; -1 if it is newer, or of a line of its own. ARM's v9.n contains v8.(n+5),
    /// as the architecture's manual says, and nothing newer of v8.
    static int rank(String architecture, @Nullable String here, @Nullable String there) {
        String base = architecture.equals("amd64") ? "v1" : architecture.equals("arm64") ? "v8" : "";
        int mine = level(here == null ? base : here);
        int theirs = level(there == null ? base : there);
        if (mine >= 0 && theirs >= 0) {
            boolean contained = mine >= theirs && !(mine >= 90 && theirs >= 80 && theirs < 90 && theirs - 80 > mine - 90 + 5);
            return contained ? mine - theirs : -1;
        }
        return (here == null ? "" : here).equals(there == null ? "" : there) ? 0 : -1;
    }

    /// The level of a variant `v8` or `v8.4`, as 80 or 84; -1 if it has none.
    private static int level(String variant) {
        if (variant.length() == 2 && variant.charAt(0) == 'v' && isDigit(variant.charAt(1))) {
            return order(variant.charAt(1) - '0', 0);
        }
        boolean dotted = variant.length() == 4 && variant.charAt(0) == 'v' && variant.charAt(2) == '.';
        return dotted && isDigit(variant.charAt(1)) && isDigit(variant.charAt(3))
                ? order(variant.charAt(1) - '0', variant.charAt(3) - '0')
                : -1;
    }

    private static int order(int major, int minor) {
        return major * 10 + minor;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
