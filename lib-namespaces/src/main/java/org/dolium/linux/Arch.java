// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

/// A CPU architecture that Dolium can launch on. It selects the system call numbers and the ELF back end.
public enum Arch {
    X86_64,
    AARCH64;

    /// The architecture named by the JVM's `os.arch` property.
    ///
    /// @throws IllegalArgumentException for any other architecture
    public static Arch parse(String osArch) {
        return switch (osArch) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default -> throw new IllegalArgumentException("unsupported architecture '" + osArch
                    + "': x86-64 and AArch64 are supported");
        };
    }
}
