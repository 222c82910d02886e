// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

/// System calls by number, for tests of what the kernel has.
public final class RawCall {
    private RawCall() {}

    /// Makes a call that has no meaning to Dolium, with -1 as every argument.
    ///
    /// @return what the kernel returned: `-errno` on failure
    public static long probe(int number) {
        return Native.invoke(Native.RAW, number, -1, -1, -1, -1, -1, -1);
    }
}
