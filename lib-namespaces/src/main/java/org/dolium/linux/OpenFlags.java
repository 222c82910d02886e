// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

/// Those flags of open(2) that have another number on AArch64 than on x86-64: what means one of them here means direct
/// or large-file access there.
public final class OpenFlags {
    private OpenFlags() {}

    /// `O_DIRECTORY`.
    public static int directory(Arch arch) {
        return arch == Arch.X86_64 ? 0x10000 : 0x4000;
    }

    /// `O_NOFOLLOW`.
    public static int noFollow(Arch arch) {
        return arch == Arch.X86_64 ? 0x20000 : 0x8000;
    }
}
