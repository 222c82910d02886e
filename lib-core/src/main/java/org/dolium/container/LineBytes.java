// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// Is told lines of output as the bytes that they are; see [ContainerBuilder#onStdoutLineBytes].
@FunctionalInterface
public interface LineBytes {
    /// Takes a line.
    ///
    /// @param bytes what has the line in it. It belongs to Dolium and is overwritten after the call: it must not be changed, and
    ///     what is to be kept must be copied
    /// @param offset where the line begins
    /// @param length how many bytes it has, without `\n` or `\r\n`
    void line(byte[] bytes, int offset, int length);
}
