// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import org.dolium.linux.Arch;

/// The three machine-code routines that Dolium calls, as bytes. All take seven 64-bit arguments by the C convention.
///
/// *raw*(number, a, b, c, d, e, f) performs one system call and returns what the kernel returned, `-errno` included,
/// so no thread-local errno is involved.
///
/// *clone*(area) blocks all signals, calls clone3(2) or clone(2), and in the parent restores the signal mask and returns
/// the pid or `-errno`. The child runs the system calls of a list, stops at the first failure, stores its index and result in
/// the area, and exits with 127. The layout of the area is in [CloneStub].
///
/// *lines*(from, to, words) looks at 64 bytes for each word: it writes words to `to` in which bit *i* tells whether byte *i* is a
/// newline, and returns 0 if all bytes are ASCII. It uses the vector registers that every processor of its kind has (SSE2, Advanced
/// SIMD), of those only what the C convention lets it, and calls nothing.
///
/// The tests disassemble all of them.
final class MachineCode {
    private static final String X86_64 =
            "4889f84889f74889d64889ca4d89c24d89c84c8b4c24080f05c353554889fbb80e000000bf02000000488d7310488d53"
            + "1841ba080000000f05488b4340488b3b488b7308488b53480f054885c074214889c5b80e000000bf02000000488d7318"
            + "31d241ba080000000f054889e85d5bc3488b6b204c8b63284531ed4d39e57334488b4500488b7d08488b7510488b5518"
            + "4c8b55204c8b45284c8b4d300f054885c078094883c53849ffc5ebcf4c896b3048894338bf7f000000b8e70000000f05"
            + "0f0b";
    private static final String AARCH64 =
            "e80300aae00301aae10302aae20303aae30304aae40305aae50306aa010000d4c0035fd6f353bea9f50b00f9f30300aa"
            + "e81080d2400080d26142009162620091030180d2010000d4682240f9600240f9610640f9622640f9010000d4800100b4"
            + "f40300aae81080d2400080d261620091020080d2030180d2010000d4e00314aaf50b40f9f353c2a8c0035fd6741240f9"
            + "751640f9160080d2df0215eb82010054880240f9808640a9828e41a9849642a9010000d48000f8b794e20091d6060091"
            + "f6ffff17761a00f9601e00f9e00f80d2c80b80d2010000d4000020d4";

    private static final String X86_64_LINES =
            "b80a0a0a0a660f6ec0660f70c000660fefedf30f6f0ff30f6f5710f30f6f5f20f30f6f6730660febe9660febea660feb"
            + "eb660febec660f74c8660f74d0660f74d8660f74e0660fd7c1660fd7ca66890666894e02660fd7c3660fd7cc66894604"
            + "66894e064883c7404883c60848ffca75a1660fd7c5c3";
    private static final String AARCH64_LINES =
            "40e5004f234080d28300a1f20302c4f20308f0f2610c084e02e4004f0420df4c901ca54ed11ca74e421cb04e421cb14e"
            + "848c206ea58c206ec68c206ee78c206e841c214ea51c214ec61c214ee71c214e84bc254ec6bc274e84bc264e84bc244e"
            + "248400fc420400f1a1fdff5442a8306e403c010e007c0753c0035fd6";

    private MachineCode() {}

    static byte[] bytes(Arch arch) {
        String hex = arch == Arch.X86_64 ? X86_64 + X86_64_LINES : AARCH64 + AARCH64_LINES;
        byte[] code = new byte[hex.length() / 2];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) (Character.digit(hex.charAt(2 * i), 16) << 4 | Character.digit(hex.charAt(2 * i + 1), 16));
        }
        return code;
    }

    /// Where the clone routine starts; the raw one is at 0.
    static int cloneOffset(Arch arch) {
        return arch == Arch.X86_64 ? 0x1a : 0x24;
    }

    /// Where the routine that finds lines starts.
    static int linesOffset(Arch arch) {
        return (arch == Arch.X86_64 ? X86_64 : AARCH64).length() / 2;
    }
}
